/** The screen of one quote: where it stands, what it offers, and what can be done with it now. */

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { command, contentHash, QuoteStatus, remove, revisionOf, type Edit, type Id, type Quote } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { Form, today } from "../../shell/form.tsx";
import { dayWord, moment, money } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { customerName } from "../../shell/names.ts";
import { Empty, Sheet, TopBar, Trouble } from "../../shell/parts.tsx";
import { one, phone } from "../../shell/phone.ts";
import { go, href } from "../../shell/router.ts";
import { personName } from "../../shell/words.ts";
import { customFacts } from "../../shell/fields/form.tsx";
import { Lines } from "./lines.tsx";
import { isOpen, linesOf, numberOf, oddOf, quotes, quoteWaits, stateOf, toneOf, totalOf } from "./look.ts";
import { HeaderSheet } from "./new.tsx";
import { say } from "./texts.ts";

interface OfQuote {
  readonly quote: Quote;
}

export function QuoteScreen({ id }: { readonly id: Id }): JSX.Element {
  const quote = one("quote", id);
  if (quote === null) {
    return (
      <>
        <TopBar title={say("quote")} before="quotes" />
        <Empty icon="quote">{say("gone")}</Empty>
      </>
    );
  }
  const open = isOpen(quote);
  return (
    <>
      <TopBar title={numberOf(quote)} before={`customers/${quote.customer_id}`} />
      <main>
        <State quote={quote} />
        <Header quote={quote} open={open} />
        <Lines key={String(open)} quote={quote} open={open} />
        <Verbs quote={quote} open={open} />
      </main>
    </>
  );
}

export function StateChip({ quote }: OfQuote): JSX.Element {
  return <span class={`chip ${toneOf(quote)}`}>{say(stateOf(quote))}</span>;
}

function State({ quote }: OfQuote): JSX.Element {
  const decided = quote.decided_ms === null ? "" : moment(quote.decided_ms);
  const who = [personName(quote.decided_by_id), decided].filter(Boolean).join(" · ");
  return (
    <>
      <p class="chips">
        <StateChip quote={quote} />
        {quoteWaits(quote) && (
          <span class="chip wait">
            <Icon name="up" />
            {say("waits")}
          </span>
        )}
        {who !== "" && <small>{who}</small>}
      </p>
      {quote.decision_note !== "" && (
        <div class={quote.status === QuoteStatus.returned ? "trouble calm" : "said"}>
          <p>{say("decision", { who: personName(quote.decided_by_id), what: quote.decision_note })}</p>
        </div>
      )}
    </>
  );
}

function Header({ quote, open }: OfQuote & { readonly open: boolean }): JSX.Element {
  const [editing, setEditing] = useState(false);
  const until = quote.valid_until_day;
  const book = quote.price_book_id === null ? null : one("price_book", quote.price_book_id);
  const facts = [
    [say("title"), quote.title],
    [say("price_book"), book === null ? quote.currency : `${book.name} (${quote.currency})`],
    [say("valid_until"), until === null ? "" : dayWord(until)],
    [say("note"), quote.note],
    ...customFacts("quote", quote.extra),
  ] as const;
  return (
    <section>
      <h2 class="headed">
        <span class="grow">{say("details")}</span>
        {open && (
          <button aria-haspopup="dialog" class="bare" onClick={() => setEditing(true)}>
            <Icon name="edit" />
            {say("edit")}
          </button>
        )}
      </h2>
      <dl class="card facts">
        <Linked label={say("customer")} to={`customers/${quote.customer_id}`} words={customerName(quote.customer_id) ?? "…"} />
        {facts.map(([label, words], at) => (
          <div key={at}>
            <dt>{label}</dt>
            <dd class={words === "" ? "value none" : "value"}>{words || say("none")}</dd>
          </div>
        ))}
        <Revisions quote={quote} />
      </dl>
      {open && until !== null && until < today() && <p class="lead odd">{say("expired")}</p>}
      {editing && <HeaderSheet quote={quote} onClose={() => setEditing(false)} />}
    </section>
  );
}

function Linked({ label, to, words }: { readonly label: string; readonly to: string; readonly words: string }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <a class="link" href={href(to)}>
          {words}
        </a>
      </dd>
    </div>
  );
}

/** The quote that this one revises, and the revisions of this one. */
function Revisions({ quote }: OfQuote): JSX.Element {
  const before = quote.revises_id === null ? null : one("quote", quote.revises_id);
  const after = quotes(quote.customer_id).filter(({ revises_id }) => revises_id === quote.id);
  return (
    <>
      {before !== null && <Linked label={say("revises")} to={`quotes/${before.id}`} words={numberOf(before)} />}
      {after.map((next) => (
        <Linked key={next.id} label={say("revision")} to={`quotes/${next.id}`} words={numberOf(next)} />
      ))}
    </>
  );
}

interface Sure {
  readonly title: string;
  readonly word: string;
  readonly edits: () => readonly Edit[];
  readonly done: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A step that is asked about before it is taken. */
function SureSheet({ title, word, edits, done, onDone, onClose, children }: Sure): JSX.Element {
  return (
    <Sheet title={title} onClose={onClose}>
      <Form onSave={() => enter(edits(), { text: done })} onDone={onDone} onCancel={onClose} saveWord={word} grave={word === say("remove")}>
        {children}
      </Form>
    </Sheet>
  );
}

type Verb = "submit" | "revise" | "delete";

function Verbs({ quote, open }: OfQuote & { readonly open: boolean }): JSX.Element {
  const [asked, ask] = useState<Verb | null>(null);
  const lines = linesOf(quote.id);
  const fresh = open && quote.status === QuoteStatus.draft;
  const close = (): void => ask(null);
  return (
    <>
      {open && lines.length > 0 && (
        <button aria-haspopup="dialog" class="primary wide" onClick={() => ask("submit")}>
          {say("submit")}
        </button>
      )}
      {quote.status === QuoteStatus.approved && stateOf(quote) === "approved" && (
        <button aria-haspopup="dialog" class="primary wide" onClick={() => ask("revise")}>
          {say("revise")}
        </button>
      )}
      {fresh && (
        <button aria-haspopup="dialog" class="bare hot wide" onClick={() => ask("delete")}>
          <Icon name="bin" />
          {say("delete")}
        </button>
      )}
      {asked === "submit" && <SubmitSheet quote={quote} onClose={close} />}
      {asked === "revise" && <ReviseSheet quote={quote} onClose={close} />}
      {asked === "delete" && <DeleteSheet quote={quote} onClose={close} />}
    </>
  );
}

interface Asked extends OfQuote {
  readonly onClose: () => void;
}

/** The content that is on the screen is the content that is submitted: its hash goes along (D-310, D-311). */
function SubmitSheet({ quote, onClose }: Asked): JSX.Element {
  const lines = linesOf(quote.id);
  const odd = lines.filter((line) => oddOf(quote, line) !== null).length;
  const edits = (): Edit[] => [
    command("quote", quote.id, { command: "submit", content_hash: contentHash(quote, lines), expected: quote.status }),
  ];
  const gross = money(totalOf(quote).gross_minor, quote.currency);
  return (
    <SureSheet title={say("submit_sure")} word={say("submit")} edits={edits} done={say("is_submitted")} onDone={onClose} onClose={onClose}>
      <p class="lead">{say("submit_means", { gross })}</p>
      {odd > 0 && <Trouble calm told={{ happened: say("submit_odd", { n: odd }), means: "", next: "" }} />}
      <p class="lead">{say("submit_later")}</p>
    </SureSheet>
  );
}

function ReviseSheet({ quote, onClose }: Asked): JSX.Element {
  const lines = linesOf(quote.id);
  const [new_id] = useState(() => phone.newId());
  const [next] = revisionOf(quote, lines, new_id);
  const edits = (): Edit[] => [
    command("quote", quote.id, { command: "revise", new_id, content_hash: contentHash(quote, lines), expected: quote.status }),
  ];
  return (
    <SureSheet
      title={say("revise_sure", { number: numberOf(quote) })}
      word={say("revise")}
      edits={edits}
      done={say("is_revised")}
      onDone={onClose}
      onClose={onClose}
    >
      <p class="lead">{say("revise_means", { next: next.local_number })}</p>
    </SureSheet>
  );
}

/** Only a draft without lines can be deleted, so that its lines go before it, in one group (D-308). */
function DeleteSheet({ quote, onClose }: Asked): JSX.Element {
  const lines = linesOf(quote.id);
  const edits = (): Edit[] => [...lines.map((line) => remove("quote_line", line.id)), remove("quote", quote.id)];
  return (
    <SureSheet
      title={say("delete_sure", { number: numberOf(quote) })}
      word={say("remove")}
      edits={edits}
      done={say("is_deleted")}
      onDone={() => go(`customers/${quote.customer_id}`, true)}
      onClose={onClose}
    >
      <p class="lead">{say("delete_means", { n: lines.length })}</p>
    </SureSheet>
  );
}
