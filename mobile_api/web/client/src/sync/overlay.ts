/** The user's view: the server's rows, with the device's own edits drawn over them until those arrive by pull. */

import { understand, WHOLE_KINDS, type Intent } from "./decode.ts";
import { entityOf, WHOLE, type AnyRecord, type Entity } from "./entity.ts";
import { build, read, write } from "./merge.ts";
import { resolved, type Tag } from "./sets.ts";
import { keyOf, type Key, type Pending, type Shelf } from "./shelf.ts";
import { Kind, type EntityName, type Id, type Records, type Values } from "../generated/schema.ts";

type Drawn = readonly [Pending, Intent];
const meanings = new WeakMap<Uint8Array, Intent | null>();
const queues = new WeakMap<readonly Pending[], ReadonlyMap<Key, readonly Drawn[]>>();

/** The meaning of an entry. Frozen bytes always mean the same, so a long queue is read once. */
export function understood(raw: Uint8Array): Intent | null {
  let intent = meanings.get(raw);
  if (intent === undefined) meanings.set(raw, (intent = understand(raw)));
  return intent;
}

/** Own mutations that are still drawn, by record and there by n. What cannot be understood is sent and answered, but never drawn. */
export function drawn(shelf: Shelf): ReadonlyMap<Key, readonly Drawn[]> {
  const pendings = shelf.pendings();
  const known = queues.get(pendings);
  if (known !== undefined) return known;
  const found = new Map<Key, Drawn[]>();
  for (const one of pendings) {
    const intent = one.overlay ? understood(one.raw) : null;
    if (intent === null) continue;
    const key = keyOf(intent.entity.number, intent.mutation.id);
    const entered = found.get(key);
    if (entered === undefined) found.set(key, [[one, intent]]);
    else entered.push([one, intent]);
  }
  queues.set(pendings, found);
  return found;
}

/** Own mutations of one record that are still drawn, by n. */
export function own(shelf: Shelf, key: Key): readonly Drawn[] {
  return drawn(shelf).get(key) ?? [];
}

/** Whether an entry is a receipt, which no screen counts or lists (P-630). */
export function isQuiet(raw: Uint8Array): boolean {
  const intent = understood(raw);
  return intent !== null && intent.command !== null && intent.entity.quiet.includes(String(intent.command["command"]));
}

/** What the user entered, by n: the queue without receipts. */
export function ownEntries(shelf: Shelf): Pending[] {
  return shelf.pendings().filter(({ raw }) => !isQuiet(raw));
}

/** The record as the server last gave it. */
export function serverRecord(shelf: Shelf, entity: Entity, id: Id): AnyRecord | null {
  const body = shelf.rows.get(keyOf(entity.number, id));
  return body === undefined ? null : (entity.read(body) as unknown as AnyRecord);
}

/** The record as the screen shows it; null when there is none, or the user deleted it. */
export function viewOf(shelf: Shelf, entity: Entity, id: Id): AnyRecord | null {
  return drawnOver(entity, serverRecord(shelf, entity, id), own(shelf, keyOf(entity.number, id)), shelf.seat.line_no);
}

export function view<N extends EntityName>(shelf: Shelf, name: N, id: Id): Records[N] | null {
  return viewOf(shelf, entityOf(name) as unknown as Entity, id) as Records[N] | null;
}

/** All records of one entity as the screen shows them, by id. */
export function views<N extends EntityName>(shelf: Shelf, name: N): Records[N][] {
  const entity = entityOf(name) as unknown as Entity;
  const records = new Map<Id, AnyRecord | null>();
  for (const [id, body] of shelf.rows.of(entity.number)) records.set(id, entity.read(body) as unknown as AnyRecord);
  for (const entered of drawn(shelf).values()) {
    const intent = entered[0]![1];
    if (intent.entity !== entity) continue;
    const { id } = intent.mutation;
    records.set(id, drawnOver(entity, records.get(id) ?? null, entered, shelf.seat.line_no));
  }
  const shown = [...records.values()].filter((record): record is AnyRecord => record !== null);
  return shown.sort((left, right) => (left.id < right.id ? -1 : 1)) as unknown as Records[N][];
}

/** An own operation on a set bears the tag it will have: the phone's line, and its n (P-416). */
function drawnOver(entity: Entity, server: AnyRecord | null, entered: readonly Drawn[], lineNo: number): AnyRecord | null {
  let record = server;
  for (const [, { mutation, groups }] of entered) {
    const tag: Tag = [lineNo, mutation.n];
    if (mutation.kind === Kind.delete) record = null;
    else if (WHOLE_KINDS.includes(mutation.kind) && record === null) record = build(entity, mutation.id, 0, groups.get(WHOLE)!, tag);
    else if ((mutation.kind === Kind.patch || mutation.kind === Kind.undo) && record !== null) {
      const values = Object.assign({}, ...groups.values()) as Values;
      record = write(record, resolved(read(record, Object.keys(values)), values, tag), record.rev);
    }
  }
  return record;
}

/** Whether own entries on this record still wait for their answer. */
export function waits(shelf: Shelf, name: EntityName, id: Id): boolean {
  return own(shelf, keyOf(entityOf(name).number, id)).some(([pending]) => pending.outcome === null);
}
