/** The decisions of an author about inbox cards: use mine, keep theirs, dismiss, send to the manager (P-5xx). */

import { PUSH_BYTES, type Edit } from "./device.ts";
import { BY_NUMBER, entityOf, outward, WHOLE, type Entity } from "./entity.ts";
import { serverRecord } from "./overlay.ts";
import type { Shelf } from "./shelf.ts";
import { encode } from "../wire/encode.ts";
import { ItemState, Kind, type Code, type InboxItem, type Member, type Values } from "../generated/schema.ts";

const ITEM = entityOf("inbox_item");
const AGAIN_CODES: readonly Code[] = [
  "conflict",
  "record_waits",
  "moved",
  "gone",
  "rule_broken",
  "state_wrong",
  "content_changed",
  "server_error",
];
/** Codes of cards from which the author may enter the same again: parked entries (P-508), and those on which the server failed (P-323). */
export const AGAIN: ReadonlySet<string> = new Set(AGAIN_CODES);

/**
 * The edits which put the author's values in place. They are based on what the author saw: on the card, or when the entry was made (P-503).
 *
 * The author gives a command anew, so no edit repeats it. The edits are one atomic group. A card that gathered more than a request carries
 * is entered in several groups, in order: an entry that refers to a refused creation joins its card again.
 */
export function useMine(shelf: Shelf, item: InboxItem): Edit[][] {
  const groups: Edit[][] = [];
  let size = 0;
  for (const one of item.members) {
    if (one.kind === Kind.command) continue;
    const edit = again(shelf, item, one);
    const bytes = sizeOf(edit);
    if (groups.length === 0 || size + bytes > PUSH_BYTES) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(edit);
    size += bytes;
  }
  return groups;
}

function sizeOf({ entity, values = {} }: Edit): number {
  const shape = (slot: string): readonly unknown[] => entity.byName.get(slot)?.[2] ?? [];
  return encode(Object.fromEntries(Object.entries(values).map(([slot, value]) => [slot, outward(shape(slot), value)]))).length;
}

function again(shelf: Shelf, item: InboxItem, one: Member): Edit {
  const entity = BY_NUMBER.get(one.entity)!;
  const seen = seenIn(item, one);
  const exists = serverRecord(shelf, entity, one.id) !== null;
  if (one.kind === Kind.delete) return { kind: Kind.delete, entity, id: one.id, bases: { [WHOLE]: seen } };
  if (one.kind === Kind.restore && !exists) {
    return { kind: Kind.restore, entity, id: one.id, values: one.mine, bases: { [WHOLE]: seen } };
  }
  // a fact is told again: the same, or refused (P-320)
  if (one.kind === Kind.create && (!exists || entity.isFact)) return { kind: Kind.create, entity, id: one.id, values: one.mine };
  const values: Values = {};
  const bases: Record<string, number> = {};
  for (const [slot, value] of Object.entries(one.mine)) {
    const group = entity.groupOfSlot(slot);
    if (group !== undefined) bases[group] = seen;
    if (group !== undefined || entity.sets.has(slot)) values[slot] = entity.sets.has(slot) ? operation(value) : value;
  }
  return { kind: Kind.patch, entity, id: one.id, values, bases };
}

/**
 * The rev that the card's holder saw last (P-503): of the value that the card prints as standing. If the card prints none, it is the base
 * of the entry itself; on a card that came up it is then 0, for its holder may never have seen what the author had on screen.
 */
function seenIn(item: InboxItem, one: Member): number {
  return one.their_rev || (item.origin_id === null ? one.base_rev : 0);
}

/** On a record that exists by now, the set of a create is an operation that adds it. */
function operation(value: unknown): unknown {
  return Array.isArray(value) ? { add: value } : value;
}

/** Keep theirs, dismiss, or send to the manager: a command on the item. */
export function decision(item: InboxItem, command: "keep_theirs" | "dismiss" | "send_to_manager"): Edit {
  return { kind: Kind.command, entity: ITEM as unknown as Entity, id: item.id, command: { command } };
}

/** The same decision on many open items, each an atomic group of its own, so that one that is refused holds up none (P-534). */
export function decideEach(items: Iterable<InboxItem>, command: "keep_theirs" | "dismiss" | "send_to_manager"): Edit[][] {
  return [...items].filter((item) => item.state === ItemState.open).map((item) => [decision(item, command)]);
}

/** Every inbox item on the device, oldest first. */
export function inbox(shelf: Shelf): InboxItem[] {
  const items = [...shelf.rows.of(ITEM.number).values()].map((body) => ITEM.read(body));
  return items.sort((left, right) => left.created_ms - right.created_ms || (left.id < right.id ? -1 : 1));
}

/** The open cards that wait for this user. */
export function openItems(shelf: Shelf): InboxItem[] {
  return inbox(shelf).filter((item) => item.state === ItemState.open && item.holder_id === shelf.seat.user_id);
}
