/** A record's values by slot: read, written, and built from the words of its author. */

import { EXTRA, EXTRA_PREFIX, type AnyRecord, type Entity } from "./entity.ts";
import { filled, type Tag } from "./sets.ts";
import type { Id, Values } from "../generated/schema.ts";

/** Current values of the named slots. */
export function read(record: AnyRecord, slots: Iterable<string>): Values {
  const values: Values = {};
  for (const slot of slots) values[slot] = valueOf(record, slot);
  return values;
}

/** Value of a slot; `extra.<key>` reads a custom field, null when it is not set. */
export function valueOf(record: AnyRecord, slot: string): unknown {
  if (!slot.startsWith(EXTRA_PREFIX)) return record[slot];
  const key = slot.slice(EXTRA_PREFIX.length);
  const extra = record[EXTRA] as Values;
  return Object.hasOwn(extra, key) ? extra[key] : null;
}

/** The record with these slots changed. */
export function write(record: AnyRecord, values: Values, rev: number): AnyRecord {
  const after: Record<string, unknown> = { ...record, rev };
  let extra: Values | null = null;
  for (const [slot, value] of Object.entries(values)) {
    if (slot.startsWith(EXTRA_PREFIX)) (extra ??= { ...(record[EXTRA] as Values) })[slot.slice(EXTRA_PREFIX.length)] = value;
    else after[slot] = value;
  }
  if (extra !== null) after[EXTRA] = Object.fromEntries(Object.entries(extra).filter(([, one]) => one !== null));
  return after as AnyRecord;
}

/** A record as its author gave it; slots that the server owns have their defaults. `tag` marks the elements of its sets. */
export function build(entity: Entity, id: Id, rev: number, values: Values, tag: Tag): AnyRecord {
  const record: Record<string, unknown> = { id, rev };
  for (const [name, , , fallback] of entity.slots) if (!(name in record)) record[name] = fallback;
  const given: Values = {};
  for (const [slot, value] of Object.entries(values)) given[slot] = entity.sets.has(slot) ? filled(value as string[], tag) : value;
  return write(record as AnyRecord, given, rev);
}
