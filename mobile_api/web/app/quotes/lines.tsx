/** The lines of a quote: touch one to change it, put them in order, add another; with the totals as the server computes them. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { lineAmount, type Id, type Quote, type QuoteLine } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { money } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { LineSheet, lineWords, ProductPicker } from "./line.tsx";
import { linesOf, oddOf, productName, totalOf } from "./look.ts";
import { moved } from "./order.ts";
import { say } from "./texts.ts";

interface OfQuote {
  readonly quote: Quote;
}

interface OfLine extends OfQuote {
  readonly line: QuoteLine;
}

function LineBody({ quote, line }: OfLine): JSX.Element {
  const odd = oddOf(quote, line);
  return (
    <>
      <span class="grow">
        <b>{productName(line.product_id)}</b>
        <small>{lineWords(line, quote.currency)}</small>
        {line.note !== "" && <small>{line.note}</small>}
      </span>
      <span class="sum">
        {money(lineAmount(line), quote.currency)}
        {odd !== null && <small class="chip wait">{say(odd)}</small>}
      </span>
    </>
  );
}

function OrderRow({ quote, line, at, count }: OfLine & { readonly at: number; readonly count: number }): JSX.Element {
  const what = productName(line.product_id);
  const to = (other: number): void => void enter(moved(linesOf(quote.id), at, other), null);
  return (
    <div class="row">
      <span class="grow">
        <b>{what}</b>
        <small>{lineWords(line, quote.currency)}</small>
      </span>
      <button class="bare" aria-label={say("higher", { what })} disabled={at === 0} onClick={() => to(at - 1)}>
        <Icon name="up" />
      </button>
      <button class="bare" aria-label={say("lower", { what })} disabled={at === count - 1} onClick={() => to(at + 1)}>
        <Icon name="down" />
      </button>
    </div>
  );
}

type Opened = { readonly product: Id; readonly line: QuoteLine | null } | "picker" | null;

export function Lines({ quote, open }: OfQuote & { readonly open: boolean }): JSX.Element {
  const [opened, setOpened] = useState<Opened>(null);
  const [ordering, setOrdering] = useState(false);
  const lines = linesOf(quote.id);
  const close = (): void => setOpened(null);
  return (
    <section>
      <h2 class="headed">
        <span class="grow">{say("lines")}</span>
        {open && lines.length > 1 && (
          <button class="bare" aria-pressed={ordering} onClick={() => setOrdering(!ordering)}>
            {say(ordering ? "reordered" : "reorder")}
          </button>
        )}
        {open && !ordering && (
          <button aria-haspopup="dialog" class="bare" aria-label={say("add_line")} onClick={() => setOpened("picker")}>
            <Icon name="plus" />
            {say("add")}
          </button>
        )}
      </h2>
      <div class="card list lines">
        {lines.map((line, at) => {
          if (open && ordering) return <OrderRow key={line.id} quote={quote} line={line} at={at} count={lines.length} />;
          if (!open)
            return (
              <div class="row" key={line.id}>
                <LineBody quote={quote} line={line} />
              </div>
            );
          return (
            <button aria-haspopup="dialog" class="row" key={line.id} onClick={() => setOpened({ product: line.product_id, line })}>
              <LineBody quote={quote} line={line} />
            </button>
          );
        })}
        {lines.length === 0 && <p class="nothing">{say("no_lines")}</p>}
      </div>
      {lines.length > 0 && <Totals quote={quote} />}
      {opened === "picker" && <ProductPicker quote={quote} onPick={({ id }) => setOpened({ product: id, line: null })} onClose={close} />}
      {opened !== null && opened !== "picker" && (
        <LineSheet key={opened.line?.id ?? opened.product} quote={quote} {...opened} onClose={close} />
      )}
    </section>
  );
}

function Totals({ quote }: OfQuote): JSX.Element {
  const { net_minor, tax_minor, gross_minor } = totalOf(quote);
  const sums = [
    ["net", net_minor],
    ["tax_sum", tax_minor],
    ["gross", gross_minor],
  ] as const;
  return (
    <dl class="sums">
      {sums.map(([name, minor]) => (
        <div key={name}>
          <dt>{say(name)}</dt>
          <dd>{money(minor, quote.currency)}</dd>
        </div>
      ))}
    </dl>
  );
}
