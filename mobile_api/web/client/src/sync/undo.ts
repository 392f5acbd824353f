/** Taking back one's own changes: which lines of a history can be undone, and the entry that undoes one (P-423, P-426). */

import type { Edit } from "./device.ts";
import { BY_NUMBER, WHOLE } from "./entity.ts";
import { elements, inverse } from "./sets.ts";
import { Kind, type Event, type Id, type Tagged } from "../generated/schema.ts";

export const UNDO_DAYS = 30;
const DAY_MS = 86_400_000;
const CHANGED: ReadonlySet<string> = new Set(["applied", "merged", "undone"]);
const DELETED = "deleted";
const RESTORED = "restored";

/**
 * The entry that takes one change back: the earlier values of its group, or all of a deleted record; null for a change that cannot be
 * undone.
 */
export function undoOf({ what, entity: number, id, group, values, before, rev }: Event): Edit | null {
  const entity = BY_NUMBER.get(number);
  if (entity === undefined) return null;
  if (CHANGED.has(what) && entity.sets.has(group)) {
    const change = inverse(before[group] as Tagged[], values[group] as Tagged[]);
    return { kind: Kind.undo, entity, id, values: { [group]: change }, bases: {} };
  }
  if (CHANGED.has(what) && group !== WHOLE) return { kind: Kind.undo, entity, id, values: before, bases: { [group]: rev } };
  if (what !== DELETED) return null;
  const given = { ...before };
  for (const slot of entity.sets) if (slot in given) given[slot] = elements(given[slot] as Tagged[]);
  return { kind: Kind.restore, entity, id, values: given, bases: { [WHOLE]: rev } };
}

/** Of a history, newest first: the user's own changes that still stand and are not too old, newest first. */
export function undoable(events: readonly Event[], userId: Id, nowMs: number): Event[] {
  const found: Event[] = [];
  const later = new Set<string>();
  for (const event of events) {
    const record = `${event.entity}:${event.id}:`;
    const own = event.user_id === userId && nowMs - event.at_ms <= UNDO_DAYS * DAY_MS;
    if (own && !later.has(record + event.group) && !later.has(record + WHOLE) && undoOf(event) !== null) found.push(event);
    if (CHANGED.has(event.what) || event.what === DELETED || event.what === RESTORED) later.add(record + event.group);
  }
  return found;
}
