/** What a draft would do: how many fall and when, what differs from the rule in force, who they are; and the button that makes it so. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count, dayWord } from "../../shell/format.ts";
import { language } from "../../shell/language.ts";
import { Empty } from "../../shell/parts.tsx";
import { entityNumber, personName, valueWords } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { Table, type Column } from "../table.tsx";
import { Curve } from "./curve.tsx";
import { exemptWord, poolName } from "./look.ts";
import { countsOf, daysOf, differences, DIFFERENCES, SPAN_DAYS, type Fall, type Preview, type Progress } from "./preview.ts";
import { say } from "./texts.ts";

interface Given {
  readonly shown: Preview | null;
  readonly progress: Progress | null;
  /** The preview is of exactly what stands in the form. */
  readonly isOf: boolean;
  readonly onActivate: (preview: Preview) => Promise<void>;
}

export function Outcome({ shown, progress, isOf, onActivate }: Given): JSX.Element {
  return (
    <section class="reclaim-outcome" aria-label={say("would_fall")}>
      {progress !== null && (
        <p class="notice" role="status" aria-busy="true">
          {say("previewing", { seen: count(progress.seen), n: count(progress.falls) })}
        </p>
      )}
      {shown === null && progress === null && <Empty icon="clock">{say("first_preview")}</Empty>}
      {shown !== null && (
        <>
          <h2>{say("would_fall")}</h2>
          <Activation shown={shown} isOf={isOf && progress === null} onActivate={onActivate} />
          <Findings shown={shown} />
        </>
      )}
    </section>
  );
}

function Activation({ shown, isOf, onActivate }: Pick<Given, "isOf" | "onActivate"> & { readonly shown: Preview }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const isFirst = shown.before?.length === 0;
  const activate = async (): Promise<void> => {
    setBusy(true);
    await onActivate(shown);
    setBusy(false);
  };
  return (
    <div class="card reclaim-activate">
      <p role="status">{say(!isOf ? "changed" : isFirst ? "if_nobody" : "until_then")}</p>
      <button type="button" class="primary" {...needsServer(busy || !isOf)} onClick={() => void activate()}>
        {say("activate", { day: dayWord(shown.terms.effective_from_day) })}
      </button>
    </div>
  );
}

function Findings({ shown }: { readonly shown: Preview }): JSX.Element {
  const { inSpan, laterThan, kept } = countsOf(shown);
  const heads = useMemo(() => columns(shown), [shown, language.value]);
  if (shown.terms.pool_id === null) return <Empty icon="check">{say("nobody_kind")}</Empty>;
  const figures = [
    ["in_span", say("in_span", { days: SPAN_DAYS }), inSpan],
    ["later_than", say("later_than"), laterThan],
    ["kept_now", say("kept_now"), kept],
  ] as const;
  return (
    <>
      <dl class="counts reclaim-counts">
        {figures.map(([name, word, number]) => (
          <div class="card" key={name} data-figure={name} data-none={number === 0}>
            <dt>{word}</dt>
            <dd>{count(number)}</dd>
          </div>
        ))}
      </dl>
      <Against shown={shown} />
      {shown.falls.length > 0 && <Curve shown={shown} />}
      <h2>{say("list")}</h2>
      <Table
        name="reclaim-preview"
        tight
        title={say("list")}
        columns={heads}
        rows={shown.falls}
        keyed={({ customer_id }) => customer_id}
        order={{ name: "falls", down: false }}
        empty={say("nobody")}
        icon="check"
      />
    </>
  );
}

const LOOKS = { sooner: "chip hot", new_ones: "chip hot", later: "chip good", gone: "chip good", as_before: "chip" } as const;

function Against({ shown: { falls, before } }: { readonly shown: Preview }): JSX.Element | null {
  if (before === null) return <p class="lead">{say("no_against")}</p>;
  if (before.length === 0) return null;
  const found = differences(falls, before);
  return (
    <div class="reclaim-against">
      <small>{say("against")}</small>
      <p class="marks">
        {DIFFERENCES.filter((one) => found[one] > 0).map((one) => (
          <span key={one} class={LOOKS[one]} data-difference={one}>
            {count(found[one])} {say(one)}
          </span>
        ))}
      </p>
    </div>
  );
}

const tierWord = (tier: number): string => (tier === 0 ? "" : valueWords(entityNumber("standing"), "tier", tier));

function columns({ before, terms }: Preview): Column<Fall>[] {
  const days = daysOf(before ?? []);
  return [
    {
      name: "customer",
      word: say("customer"),
      value: ({ name }) => name,
      show: ({ name, owner_id, exempt }) => (
        <span class="two">
          <span>{name}</span>
          <small class="narrow-only">{[personName(owner_id), exempt === "" ? "" : exemptWord(exempt)].filter(Boolean).join(" · ")}</small>
        </span>
      ),
    },
    { name: "owner", word: say("owner"), value: ({ owner_id }) => personName(owner_id), width: 140, wide: true },
    { name: "tier", word: say("tier"), value: ({ tier }) => tierWord(tier), width: 70, wide: true },
    {
      name: "falls",
      word: say("falls"),
      value: ({ due_day }) => due_day,
      text: ({ due_day }) => dayWord(due_day),
      kind: "day",
      width: 150,
    },
    ...(terms.pool_by_fit
      ? [{ name: "pool", word: say("who"), value: ({ pool_id }: Fall) => poolName(pool_id), width: 130, wide: true }]
      : []),
    {
      name: "before",
      word: say("falls_before"),
      value: ({ customer_id }) => days.get(customer_id) ?? null,
      text: ({ customer_id }) => (days.has(customer_id) ? dayWord(days.get(customer_id)!) : ""),
      kind: "day",
      width: 140,
      wide: true,
      roomy: true,
    },
    {
      name: "kept_by",
      word: say("kept_by"),
      value: ({ exempt }) => (exempt === "" ? "" : exemptWord(exempt)),
      show: ({ exempt }) => (exempt === "" ? "" : <span class="chip good">{exemptWord(exempt)}</span>),
      width: 145,
      wide: true,
    },
  ];
}
