/** What a device keeps beside its rows, as bytes: MessagePack arrays, the same that the Python phone writes into its file. */

import { EMPTY_SEAT, type HeldScope, type Pending, type Seat } from "../sync/shelf.ts";
import { decode } from "../wire/decode.ts";
import { encode } from "../wire/encode.ts";
import { outcomeOf, outcomeSlots } from "../wire/envelopes.ts";
import { idBytes, idText } from "../wire/ids.ts";

export function seatBytes(seat: Seat): Uint8Array {
  const { org_id, user_id, line_no, cursor, epoch, next_n, acked_n, backed_up_n, forked, tiles } = seat;
  return encode([org_id, idBytes(user_id), line_no, cursor, epoch, next_n, acked_n, backed_up_n, forked, [...tiles]]);
}

export function readSeat(bytes: Uint8Array | undefined): Seat {
  if (bytes === undefined) return EMPTY_SEAT;
  const [org_id, user_id, line_no, cursor, epoch, next_n, acked_n, backed_up_n, forked, tiles] = decode(bytes) as [
    number,
    Uint8Array,
    number,
    Uint8Array,
    number,
    number,
    number,
    number,
    boolean,
    number[],
  ];
  return { org_id, user_id: idText(user_id), line_no, cursor: cursor.slice(), epoch, next_n, acked_n, backed_up_n, forked, tiles };
}

export function scopeBytes(held: HeldScope): Uint8Array {
  return encode([held.scope, held.lane, held.position, held.head, held.generation, held.filling]);
}

export function readScope(bytes: Uint8Array): HeldScope {
  const told = decode(bytes) as [number, number, number, number, number, boolean];
  const [scope, lane, position, head, generation, filling] = told;
  return { scope, lane, position, head, generation, filling };
}

export function pendingBytes(one: Pending): Uint8Array {
  return encode([one.n, one.raw, one.outcome === null ? null : outcomeSlots(one.outcome), one.overlay]);
}

export function readPending(bytes: Uint8Array): Pending {
  const [n, raw, outcome, overlay] = decode(bytes) as [number, Uint8Array, unknown[] | null, boolean];
  return { n, raw: raw.slice(), outcome: outcome === null ? null : outcomeOf(outcome), overlay };
}
