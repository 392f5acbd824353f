/** Who changed a group of facts, and when: the server keeps it, so it needs the network. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Id, Values } from "../../client/src/index.ts";
import { moment } from "../../shell/format.ts";
import { Trouble } from "../../shell/parts.tsx";
import { ask, useAsked } from "../../shell/rest.ts";
import { entityNumber, fieldWord, personName, valueWords } from "../../shell/words.ts";
import { say } from "./texts.ts";

interface Change {
  readonly rev: number;
  readonly group: string;
  readonly user_id: Id | null;
  readonly at_ms: number;
  readonly before: Values;
  readonly after: Values;
}

const CUSTOMER = entityNumber("customer");

/** Field by field: the old value and the new one. */
function changeWords({ before, after }: Change): string {
  const several = Object.keys(after).length > 1;
  const words = Object.entries(after).map(([slot, value]) => {
    const was = valueWords(CUSTOMER, slot, before[slot]);
    return `${several ? `${fieldWord(CUSTOMER, slot)} ` : ""}${was} → ${valueWords(CUSTOMER, slot, value)}`;
  });
  return words.join("; ");
}

function Changes({ id, group }: { readonly id: Id; readonly group: string }): JSX.Element {
  const { value, trouble } = useAsked(() => ask<{ readonly items: readonly Change[] }>(`/v1/records/customer/${id}/history`), [id]);
  const own = value?.items.filter((one) => one.group === group || one.group === "") ?? [];
  if (trouble !== null) return <Trouble told={trouble} calm />;
  return (
    <ul class="changes" aria-label={say("history")} aria-busy={value === null}>
      {own.map((one) => (
        <li key={`${one.rev} ${one.group}`}>
          <span>{one.group === "" ? say("created") : changeWords(one)}</span>
          <small>{[personName(one.user_id), moment(one.at_ms)].filter(Boolean).join(" · ")}</small>
        </li>
      ))}
    </ul>
  );
}

/** The changes of one field group of a customer, when they are asked for. */
export function GroupHistory({ id, group }: { readonly id: Id; readonly group: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  if (open) return <Changes id={id} group={group} />;
  return (
    <button class="bare wide" onClick={() => setOpen(true)}>
      {say("history")}
    </button>
  );
}
