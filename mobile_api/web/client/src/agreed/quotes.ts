/** The two things on which phone and server must agree about a quote: its totals, and the hash of its content on screen. */

import { entityOf, EXTRA, outward, type Entity } from "../sync/entity.ts";
import { bytesText, idBytes, idText } from "../wire/ids.ts";
import { sha256 } from "../wire/digest.ts";
import { encode } from "../wire/encode.ts";
import type { Id, Quote, QuoteLine, Shape } from "../generated/schema.ts";
import { byCodePoint } from "../wire/text.ts";
import { total } from "./money.ts";

const QUOTE = entityOf("quote") as unknown as Entity;
const LINE = entityOf("quote_line") as unknown as Entity;
const NUMBER_LETTERS = 30;
const ID_BYTES = 16;

/** The quote with the totals of these lines (D-303); the very same object when nothing changes. */
export function priced(quote: Quote, lines: readonly QuoteLine[], pricesIncludeTax: boolean): Quote {
  const amounts = total(lines, pricesIncludeTax);
  const { net_minor, tax_minor, gross_minor } = amounts;
  const same = net_minor === quote.net_minor && tax_minor === quote.tax_minor && gross_minor === quote.gross_minor;
  return same ? quote : { ...quote, ...amounts };
}

/**
 * SHA-256 over the slots that people enter in a quote and its lines, the lines by (position, id), as base64url (D-310). Slots at their
 * default are left out, so that an app which does not know a slot yet agrees as long as nobody used it.
 */
export function contentHash(quote: Quote, lines: readonly QuoteLine[]): string {
  const ordered = [...lines].sort((left, right) => byCodePoint(left.position, right.position) || byCodePoint(left.id, right.id));
  return bytesText(sha256(encode([entered(QUOTE, quote), ordered.map((line) => entered(LINE, line))])));
}

/** The draft that revises an approved quote, and copies of its lines, all at rev 0 (D-324). */
export function revisionOf(quote: Quote, lines: readonly QuoteLine[], newId: Id): [Quote, QuoteLine[]] {
  const revision = quote.revision + 1;
  const label = `${[...(quote.number || quote.local_number)].slice(0, NUMBER_LETTERS).join("")}/${revision}`;
  const kept = new Set([...peoples(QUOTE).map(([name]) => name), "net_minor", "tax_minor", "gross_minor"]);
  const draft: Record<string, unknown> = {};
  for (const [name, , , fallback] of QUOTE.slots)
    draft[name] = kept.has(name) ? (quote as unknown as Record<string, unknown>)[name] : fallback;
  const own = { id: newId, rev: 0, local_number: label, revises_id: quote.id, revision };
  const copies = lines.map((line) => ({ ...line, id: copiedId(newId, line.id), rev: 0, quote_id: newId }));
  return [{ ...draft, ...own } as unknown as Quote, copies];
}

/** Id of the copy of a line in the revision `newId`: the same on every phone and on the server. */
export function copiedId(newId: Id, lineId: Id): Id {
  const word = new TextEncoder().encode("revise");
  return idText(sha256(Uint8Array.of(...word, ...idBytes(newId), ...idBytes(lineId))).subarray(0, ID_BYTES));
}

/** Slots that people enter. */
function peoples(entity: Entity): Entity["slots"] {
  return entity.slots.filter(([name, role]) => role !== "!" && name !== "id" && name !== "rev");
}

function entered(entity: Entity, record: object): Record<string, unknown> {
  const values = record as Record<string, unknown>;
  const told: Record<string, unknown> = { id: idBytes(values["id"] as string) };
  for (const slot of peoples(entity)) {
    const [name, , shape, fallback] = slot;
    const value = values[name];
    const untouched = slot.length === 4 && (name === EXTRA ? Object.keys(value as object).length === 0 : value === fallback);
    if (!untouched) told[name] = outward(shape as Shape, value);
  }
  return told;
}
