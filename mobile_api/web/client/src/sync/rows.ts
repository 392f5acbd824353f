/** How server rows enter and leave the shelf: by scope and page, with mark and sweep (P-6xx). */

import { idText } from "../wire/ids.ts";
import { Reader, decode } from "../wire/decode.ts";
import { keyOf, type HeldScope, type Key, type Shelf } from "./shelf.ts";
import type { Row, ScopePage } from "../wire/envelopes.ts";

const EVERY_GENERATION = Number.MAX_SAFE_INTEGER;

/** The cursor is void: every scope begins anew, and one that has not by the end of the chain is no longer ours (P-611). */
export function doubt(shelf: Shelf): void {
  for (const scope of shelf.scopes.values()) shelf.putScope({ ...scope, filling: true });
}

/** Scopes that did not begin anew; asked when every scope has reached its head. */
export function doubted(shelf: Shelf): number[] {
  return [...shelf.scopes.values()].filter((scope) => scope.filling).map((scope) => scope.scope);
}

/** One page of one scope; when its fill is done, what it did not name is swept. */
export function take(shelf: Shelf, page: ScopePage): void {
  let scope: HeldScope = shelf.scopes.get(page.scope) ?? {
    scope: page.scope,
    lane: page.lane,
    position: 0,
    head: 0,
    generation: 0,
    filling: false,
  };
  if (page.begin) scope = { ...scope, generation: scope.generation + 1, filling: true };
  for (const row of page.rows) takeRow(shelf, scope, row);
  const filled = page.done && scope.filling;
  scope = { ...scope, position: page.position, head: page.head, filling: scope.filling && !page.done };
  if (filled) for (const key of shelf.sweep(scope.scope, scope.generation)) shelf.dropRow(key);
  shelf.putScope(scope);
}

function takeRow(shelf: Shelf, scope: HeldScope, row: Row): void {
  if (row.reason !== 0) {
    const key = keyOf(row.entity, idText(decode(row.body) as Uint8Array));
    if (shelf.release(scope.scope, key)) shelf.dropRow(key);
    return;
  }
  const [key, rev] = identity(row.entity, row.body);
  const held = shelf.rows.get(key);
  if (held === undefined || scope.filling || rev >= identity(row.entity, held)[1]) shelf.putRow(key, row.body.slice());
  shelf.hold(scope.scope, key, scope.generation);
}

/** Key and rev of a body, also of an entity or with slots that this app does not know. */
function identity(entity: number, body: Uint8Array): [Key, number] {
  const reader = new Reader(body);
  reader.array();
  const id = idText(reader.value() as Uint8Array);
  return [keyOf(entity, id), reader.value() as number];
}

/** Let go of a whole scope. */
export function drop(shelf: Shelf, scope: number): void {
  for (const key of shelf.sweep(scope, EVERY_GENERATION)) shelf.dropRow(key);
  shelf.dropScope(scope);
}
