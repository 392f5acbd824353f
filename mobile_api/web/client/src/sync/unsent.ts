/** Taking back an entry that no request has carried: the user's newest one leaves the queue, its numbers are free again (P-614). */

import { mutationBytes, readMutation, type Mutation } from "../wire/envelopes.ts";
import { isQuiet } from "./overlay.ts";
import type { Pending, Shelf } from "./shelf.ts";

/**
 * The newest atomic group of the user, if nothing of it was ever in a request; else none. `sentN`: the last number that was. Receipts
 * behind it count for nothing: the device gave them, not the user (P-630).
 */
export function newest(shelf: Shelf, sentN: number): Pending[] {
  const pendings = shelf.pendings();
  const last = pendings.findLast(({ raw }) => !isQuiet(raw));
  if (last === undefined) return [];
  const { first_n, count } = readMutation(last.raw).group;
  const group = pendings.filter(({ n }) => n >= first_n && n < first_n + count);
  return first_n > sentN && last.outcome === null ? group : [];
}

/**
 * Take the newest atomic group out of the queue, in one local transaction. Its entries, none if it may have been sent. Only receipts
 * follow it, and they take its numbers; nothing rests on it. A user who takes back an earlier entry takes back the later ones first.
 * `firstN`: only the group that begins with it, so that a second touch does not take the group before it too.
 */
export function takeBack(shelf: Shelf, sentN: number, firstN?: number): Mutation[] {
  const gone = newest(shelf, sentN);
  if (gone.length === 0 || (firstN !== undefined && gone[0]!.n !== firstN)) return [];
  const behind = shelf.pendings().filter(({ n }) => n > gone.at(-1)!.n);
  for (const { n } of [...gone, ...behind]) shelf.dropPending(n);
  for (const one of behind) shelf.putPending(movedUp(one, gone.length));
  shelf.putSeat({ ...shelf.seat, next_n: shelf.seat.next_n - gone.length });
  return gone.map((one) => readMutation(one.raw));
}

/** The same receipt under an earlier number; no request has carried it, for the entry before it was in none. */
function movedUp(receipt: Pending, places: number): Pending {
  const mutation = readMutation(receipt.raw);
  const group = { ...mutation.group, first_n: mutation.group.first_n - places };
  const n = receipt.n - places;
  return { n, raw: mutationBytes({ ...mutation, n, group }), outcome: null, overlay: true };
}
