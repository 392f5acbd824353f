/** Archived customers: the list by which they are found, and brought back (D-166, D-167). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ArchivalState, type Archival, type Id } from "../../client/src/index.ts";
import { ago, dateWord, dayOf } from "../../shell/format.ts";
import { Empty } from "../../shell/parts.tsx";
import { all } from "../../shell/phone.ts";
import { pages } from "../../shell/rest.ts";
import { personName } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { Heard, soon, useLive } from "../heard.tsx";
import { Table, type Column } from "../table.tsx";
import { Move, type Movable } from "./move.tsx";
import { say } from "./texts.ts";

const moved = ({ customer_id, customer_name, epoch }: Archival): Movable => ({
  customer: { id: customer_id, name: customer_name },
  standing: { epoch, owner_id: null },
});

const columns = (): Column<Archival>[] => [
  {
    name: "name",
    word: say("customers"),
    value: ({ customer_name }) => customer_name,
    show: ({ customer_name, archived_ms, reason }) => (
      <span class="two">
        <span>{customer_name}</span>
        <small class="narrow-only">{[ago(archived_ms), reason].filter(Boolean).join(" · ")}</small>
      </span>
    ),
  },
  { name: "city", word: say("city"), value: ({ customer_city }) => customer_city, width: 80, wide: true },
  { name: "reason", word: say("reason"), value: ({ reason }) => reason, width: 220, wide: true },
  { name: "owner", word: say("last_owner"), value: ({ owner_id }) => personName(owner_id), width: 150, wide: true },
  { name: "by", word: say("archived_by"), value: ({ by_id }) => personName(by_id), width: 150, wide: true },
  {
    name: "when",
    word: say("archived_when"),
    value: ({ archived_ms }) => archived_ms,
    text: ({ archived_ms }) => ago(archived_ms),
    kind: "moment",
    width: 126,
    wide: true,
  },
];

/** In place of the table of customers, when the filter says so. */
export function ArchivedCustomers(): JSX.Element {
  const heard = useLive(() => pages<Archival>(`/v1/desk/archivals?state=${ArchivalState.archived}`), [], soon);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [moving, setMoving] = useState<readonly Archival[] | null>(null);
  return (
    <>
      <Heard of={heard}>
        {(found) => (
          <Table
            name="archived"
            title={say("archived")}
            columns={columns()}
            rows={found}
            keyed={({ id }) => id}
            empty={say("none_archived")}
            icon="customers"
            choice={{
              keys: chosen,
              onChange: setChosen,
              actions: (picked) => (
                <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setMoving(picked)}>
                  {say("back")}
                </button>
              ),
            }}
          />
        )}
      </Heard>
      {moving !== null && (
        <Move
          moving={{ kind: "unarchive", lines: moving.map(moved) }}
          onClose={() => setMoving(null)}
          onDone={() => {
            setChosen(new Set());
            heard.again();
          }}
        />
      )}
    </>
  );
}

/** Of a customer that is not on this desk: that it was archived, when and why; or that it is not the team's. */
export function Gone({ id, onBack }: { readonly id: Id; readonly onBack: (line: Movable) => void }): JSX.Element {
  const known = all("archival").find(({ customer_id, state }) => customer_id === id && state === ArchivalState.archived);
  if (known === undefined) return <Empty icon="customers">{say("gone")}</Empty>;
  const day = dateWord(dayOf(known.archived_ms));
  return (
    <>
      <Empty icon="customers">{say("archived_gone", { name: personName(known.by_id), day, reason: known.reason })}</Empty>
      <div class="buttons">
        <button aria-haspopup="dialog" class="primary" {...needsServer()} onClick={() => onBack(moved(known))}>
          {say("back")}
        </button>
      </div>
    </>
  );
}
