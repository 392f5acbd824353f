/**
 * Rows in a browser's storage lie in chunks: a browser takes as long for a row as for a whole chunk, and a phone holds thousands of rows.
 * A change of one row writes its chunk.
 */

import { keyOf, keyParts, type Key, type Shelf } from "../sync/shelf.ts";
import { decode } from "../wire/decode.ts";
import { encode } from "../wire/encode.ts";
import { idBytes, idText } from "../wire/ids.ts";

const CHUNKS_PER_ENTITY = 64;
/** The body is null where a record is held and not here; holds are scope, generation, scope, generation … */
type StoredRow = readonly [id: Uint8Array, holds: readonly number[], body: Uint8Array | null];

/** The last letters of an id are random, so chunks grow alike. */
function chunkOf(key: Key): number {
  const [entity, id] = keyParts(key);
  return entity * CHUNKS_PER_ENTITY + (parseInt(id.slice(-2), 16) % CHUNKS_PER_ENTITY);
}

/** Which rows lie in which chunk. */
export class Chunks {
  private readonly keys = new Map<number, Set<Key>>();

  /** Puts the rows of a stored chunk on the shelf. */
  read(shelf: Shelf, chunk: number, bytes: Uint8Array): void {
    const entity = Math.floor(chunk / CHUNKS_PER_ENTITY);
    const keys = new Set<Key>();
    for (const [id, holds, body] of decode(bytes) as StoredRow[]) {
      const key = keyOf(entity, idText(id));
      keys.add(key);
      if (body !== null) shelf.rows.set(key, body);
      if (holds.length > 0) shelf.holds.set(key, held(holds));
    }
    this.keys.set(chunk, keys);
  }

  /** The chunks of these rows as they stand on the shelf now; null: nothing is left in it. */
  written(shelf: Shelf, changed: Iterable<Key>): Map<number, Uint8Array | null> {
    const touched = new Set<number>();
    for (const key of changed) {
      const chunk = chunkOf(key);
      touched.add(chunk);
      let keys = this.keys.get(chunk);
      if (keys === undefined) this.keys.set(chunk, (keys = new Set()));
      if (shelf.rows.get(key) === undefined && !shelf.holds.has(key)) keys.delete(key);
      else keys.add(key);
    }
    return new Map([...touched].map((chunk) => [chunk, chunkBytes(shelf, this.keys.get(chunk)!)]));
  }
}

function held(holds: readonly number[]): Map<number, number> {
  const scopes = new Map<number, number>();
  for (let at = 0; at < holds.length; at += 2) scopes.set(holds[at]!, holds[at + 1]!);
  return scopes;
}

function chunkBytes(shelf: Shelf, keys: ReadonlySet<Key>): Uint8Array | null {
  if (keys.size === 0) return null;
  const rows = [...keys].map((key): StoredRow => {
    const [, id] = keyParts(key);
    return [idBytes(id), [...(shelf.holds.get(key) ?? [])].flat(), shelf.rows.get(key) ?? null];
  });
  return encode(rows);
}
