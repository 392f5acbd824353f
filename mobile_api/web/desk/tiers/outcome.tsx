/** Whom a draft of the tier policy concerns: how many of each tier, who falls sooner or later; and the button that makes it so. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { count, dayWord } from "../../shell/format.ts";
import { personName } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { Table, type Column } from "../table.tsx";
import { TIERS, type Concerned, type Preview } from "./look.ts";
import { say } from "./texts.ts";

interface Given {
  readonly shown: Preview;
  /** The preview is of exactly what stands in the form. */
  readonly isOf: boolean;
  readonly onActivate: (preview: Preview) => Promise<void>;
}

const tierWord = (wanted: number): string => say(TIERS.find(([tier]) => tier === wanted)?.[1] ?? "none");

/** Falls that a draft moves; one that falls no more is later. */
const later = ({ falls_day, fell_day }: Concerned): boolean => (falls_day ?? Infinity) > (fell_day ?? Infinity);
const sooner = ({ falls_day, fell_day }: Concerned): boolean => (falls_day ?? Infinity) < (fell_day ?? Infinity);

export function Outcome({ shown, isOf, onActivate }: Given): JSX.Element {
  const [busy, setBusy] = useState(false);
  const { items, terms } = shown;
  const activate = async (): Promise<void> => {
    setBusy(true);
    await onActivate(shown);
    setBusy(false);
  };
  const marks = [
    ...TIERS.map(([tier]) => ["chip", say("of_tier", { tier: tierWord(tier), n: count(items.filter((one) => one.tier === tier).length) })]),
    ...(items.some(sooner) ? [["chip hot", say("sooner", { n: items.filter(sooner).length })]] : []),
    ...(items.some(later) ? [["chip good", say("later", { n: items.filter(later).length })]] : []),
  ];
  return (
    <section class="reclaim-outcome" aria-label={say("concerned")}>
      <h2>{say("concerned")}</h2>
      <div class="card reclaim-activate">
        <p role="status">{say(isOf ? "ready" : "changed")}</p>
        <button type="button" class="primary" {...needsServer(busy || !isOf)} onClick={() => void activate()}>
          {say("activate", { day: dayWord(terms.effective_from_day) })}
        </button>
      </div>
      {items.length > 0 && (
        <p class="marks reclaim-against">
          {marks.map(([look, words]) => (
            <span key={words} class={look}>
              {words}
            </span>
          ))}
        </p>
      )}
      <Table
        name="tiers-preview"
        title={say("concerned")}
        columns={columns()}
        rows={items}
        keyed={({ customer_id }) => customer_id}
        order={{ name: "customer", down: false }}
        empty={say("nobody")}
        icon="check"
      />
    </section>
  );
}

function columns(): Column<Concerned>[] {
  const day = (value: number | null): string => (value === null ? "" : dayWord(value));
  return [
    { name: "customer", word: say("customer"), value: ({ name }) => name },
    { name: "owner", word: say("owner"), value: ({ owner_id }) => personName(owner_id), width: 150, wide: true },
    { name: "tier", word: say("tier"), value: ({ tier }) => tierWord(tier), width: 100 },
    {
      ...{ name: "fell", word: say("fell"), kind: "day", width: 150, wide: true },
      value: ({ fell_day }) => fell_day,
      text: ({ fell_day }) => day(fell_day),
    },
    {
      ...{ name: "falls", word: say("falls"), kind: "day", width: 150 },
      value: ({ falls_day }) => falls_day,
      text: ({ falls_day }) => day(falls_day),
    },
  ];
}
