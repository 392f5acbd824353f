/** The pooled customers as a member of their pools sees them: masked, and given to a rep from here (D-107, D-198). */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { PoolCard } from "../../client/src/index.ts";
import { count, moment } from "../../shell/format.ts";
import { language } from "../../shell/language.ts";
import { pages } from "../../shell/rest.ts";
import { entityNumber, fieldWord, idWords, valueWords } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { Move, type Movable } from "../customers/move.tsx";
import { Heard, useLive } from "../heard.tsx";
import { Table, type Column } from "../table.tsx";
import { headed } from "../words_of.ts";
import { say } from "./texts.ts";

const SHOWN_MAX = 2_000;
const CARD = entityNumber("pool_card");

const look = async (): Promise<readonly PoolCard[]> =>
  (await pages<PoolCard>("/v1/records/pool_card", (found) => found.length >= SHOWN_MAX)).slice(0, SHOWN_MAX);

const nameOf = ({ name }: PoolCard): string => name ?? say("hidden_name");

/** What the move needs to know of a customer that nobody owns. */
const movable = (card: PoolCard): Movable => ({
  customer: { id: card.id, name: nameOf(card) },
  standing: { epoch: card.epoch, owner_id: null },
});

function columns(): Column<PoolCard>[] {
  const head = (slot: string): string => headed(fieldWord(CARD, slot));
  const enumWord = (slot: "kind" | "tier", value: number): string => (value === 0 ? "" : valueWords(CARD, slot, value));
  return [
    { name: "name", word: head("name"), value: nameOf },
    { name: "pool", word: head("pool_id"), value: ({ pool_id }) => idWords("pool_id", pool_id), width: 170 },
    { name: "city", word: head("city"), value: ({ city }) => city ?? "", width: 100, wide: true },
    { name: "industry", word: head("industry"), value: ({ industry }) => industry ?? "", width: 120, wide: true },
    { name: "kind", word: head("kind"), value: ({ kind }) => enumWord("kind", kind), width: 100, wide: true, roomy: true },
    { name: "tier", word: head("tier"), value: ({ tier }) => enumWord("tier", tier), width: 80, wide: true },
    {
      name: "since",
      word: head("pooled_ms"),
      value: ({ pooled_ms }) => pooled_ms,
      text: ({ pooled_ms }) => moment(pooled_ms),
      kind: "moment",
      width: 160,
      wide: true,
    },
  ];
}

export function Cards(): JSX.Element {
  const asked = useLive(look);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [moving, setMoving] = useState<readonly Movable[] | null>(null);
  const heads = useMemo(columns, [language.value]);
  const done = (): void => {
    setChosen(new Set());
    asked.again();
  };
  return (
    <>
      <p class="lead">{say("cards_lead")}</p>
      <Heard of={asked}>
        {(cards) => (
          <>
            {cards.length >= SHOWN_MAX && <p class="notice">{say("cards_most", { n: count(SHOWN_MAX) })}</p>}
            <Table
              name="pool-cards"
              title={say("cards")}
              columns={heads}
              rows={cards}
              keyed={({ id }) => id}
              order={{ name: "since", down: true }}
              empty={say("no_cards")}
              icon="pool"
              choice={{
                keys: chosen,
                onChange: setChosen,
                actions: (picked) => (
                  <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setMoving(picked.map(movable))}>
                    {say("give_card")}
                  </button>
                ),
              }}
            />
          </>
        )}
      </Heard>
      {moving !== null && <Move moving={{ kind: "transfer", lines: moving }} onClose={() => setMoving(null)} onDone={done} />}
    </>
  );
}
