/** Sets, undo and typed texts by Python's vectors. */

import type { EntityName, Event, Tagged, Values } from "../src/generated/schema.ts";
import { MisfitError, tidied } from "../src/sync/entered.ts";
import { entityOf, type Entity } from "../src/sync/entity.ts";
import { adding, changed, distinct, elements, filled, inverse, isChange, removing, renumbered, resolved } from "../src/sync/sets.ts";
import { undoable, undoOf } from "../src/sync/undo.ts";
import { play, type Given } from "./vectors.ts";

play("sets", {
  "sync.sets:is_change": ({ value }) => isChange(value),
  "sync.sets:filled": ({ elements: given, tag }) => filled(given, tag),
  "sync.sets:changed": ({ stood, change, tag }) => changed(stood, change, tag),
  "sync.sets:resolved": ({ before, wanted, tag }) => resolved(before, wanted, tag),
  "sync.sets:distinct": ({ stood }) => distinct(stood),
  "sync.sets:adding": ({ elements: given }) => adding(...(given as string[])),
  "sync.sets:removing": ({ stood, elements: given }) => removing(stood, ...(given as string[])),
  "sync.sets:inverse": ({ before, after }) => inverse(before, after),
  "sync.sets:elements": ({ listed }) => elements(listed as Tagged[]),
  "sync.sets:renumbered": ({ change, line_no, numbers }) => renumbered(change, line_no, new Map(numbers)),
});

play("undo", {
  "sync.undo:undo_of": ({ event }) => {
    const edit = undoOf(event as Event);
    return edit === null ? null : { ...edit, entity: edit.entity.number };
  },
  "sync.undo:undoable": ({ events, user_id, now_ms }) =>
    undoable(events as Event[], user_id, now_ms).map((event) => (events as Event[]).indexOf(event)),
});

/** An entry without its id, or the fault of its text. */
function tidiedOr({ kind, entity: name, values, command }: Given): unknown {
  const entity = entityOf(name as EntityName) as unknown as Entity;
  try {
    const edit = tidied({ kind, entity, id: "", values, ...(command === null ? {} : { command: command as Values }) });
    return { kind: edit.kind, entity: name, values: edit.values, command: edit.command ?? null };
  } catch (error) {
    if (error instanceof MisfitError) return { name: error.name, slot: error.slot, facts: error.facts };
    throw error;
  }
}

play("entered", { "sync.entered:tidied": tidiedOr });
