/** The receipts that a device gives by itself: it holds a record that its user should have (P-630). */

import { ENTITIES, type AnyRecord } from "./entity.ts";
import type { Edit } from "./device.ts";
import { understood } from "./overlay.ts";
import { keyOf, type Key, type Shelf } from "./shelf.ts";
import { Kind, Result } from "../generated/schema.ts";

/** The receipts to enter now, each an act of its own: of rows that name the user, whose state does not say it yet, nor an entry. */
export function due(shelf: Shelf): Edit[] {
  const userId = shelf.seat.user_id;
  const said = saidOf(shelf);
  const found: Edit[] = [];
  for (const entity of ENTITIES) {
    const { receiving } = entity;
    if (receiving === null) continue;
    for (const [id, body] of shelf.rows.of(entity.number)) {
      if (said.has(keyOf(entity.number, id))) continue;
      const record = entity.read(body) as unknown as AnyRecord;
      if (record[receiving.reader] !== userId || Number(record[receiving.slot]) >= receiving.until) continue;
      found.push({ kind: Kind.command, entity, id, command: { command: receiving.says } });
    }
  }
  return found.sort((left, right) => left.entity.number - right.entity.number || (left.id < right.id ? -1 : 1));
}

/**
 * The records of which an entry on this device gives the receipt already: it is on its way, or the server refused it. One that took effect
 * before was of an earlier round, if the record does not say so.
 */
function saidOf(shelf: Shelf): ReadonlySet<Key> {
  const said = new Set<Key>();
  for (const one of shelf.pendings()) {
    if (one.outcome !== null && !one.overlay && one.outcome.result !== Result.rejected) continue;
    const intent = understood(one.raw);
    if (intent === null || intent.command === null) continue;
    if (intent.entity.receiving?.says === intent.command["command"]) said.add(keyOf(intent.entity.number, intent.mutation.id));
  }
  return said;
}
