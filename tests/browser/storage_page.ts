/** The page of `test_storage.py`: a phone's memory over the browser's own IndexedDB, moved by small verbs from outside. */

import { PhoneFile } from "../../mobile_api/web/client/src/phone/file.ts";
import { IndexedStorage } from "../../mobile_api/web/client/src/storage/indexed.ts";

const NAME = location.search;
const SCOPE = { scope: 7, lane: 1, position: 5, head: 9, generation: 2, filling: true };
const OUTCOME = { result: 1, code: null, remedy: null, field: null, rev: 8, shows: { scope: 7, seq: 6 }, item_id: null, retry_at_ms: null };
/** Keys of a row that is here, and of one that is held and not here; both lie in one chunk. */
const row = (n: number): string => `1:019e7044-8800-75b3-b3a4-0000000000${String(n).padStart(2, "0")}`;
const held = (n: number): string => `1:019e7044-8800-75b3-b3a4-0000000001${String(n).padStart(2, "0")}`;
let heard = 0;
let file = opened();

function opened(): PhoneFile {
  return new PhoneFile(new IndexedStorage(NAME), () => (heard += 1));
}

/** What the phone has in memory, as a person can compare it. */
export function memory(): object {
  const { shelf } = file;
  const { cursor, ...seat } = shelf.seat;
  return {
    seat: { ...seat, cursor: [...cursor] },
    scopes: [...shelf.scopes.values()],
    rows: [...shelf.rows].map(([key, body]) => [key, [...body]]),
    holds: [...shelf.holds].map(([key, held]) => [key, [...held]]),
    pendings: shelf.pendings().map(({ n, raw, outcome, overlay }) => [n, [...raw], outcome?.n ?? null, overlay]),
    synced: [...(file.note("synced") ?? [])],
    installation: [...(file.note("installation") ?? [])],
  };
}

/** Memory as it was read anew. */
export async function load(): Promise<object> {
  await file.load();
  return memory();
}

/** What another start of the app would read. */
export async function stored(): Promise<object> {
  const kept = file;
  file = opened();
  const told = await load();
  await file.close();
  file = kept;
  return told;
}

/** One device operation that touches everything that is stored; `bytes` more of it, if it shall be large. */
export async function enter(n: number, bytes = 2): Promise<void> {
  await file.change((put) => {
    const { shelf } = file;
    shelf.putSeat({
      ...shelf.seat,
      user_id: "019e7044-8800-75b3-b3a4-32972b55e7d2",
      line_no: 3,
      next_n: n + 1,
      cursor: new Uint8Array([n]),
    });
    shelf.putScope({ ...SCOPE, position: n });
    shelf.putRow(row(n), new Uint8Array(bytes).fill(n));
    shelf.hold(SCOPE.scope, row(n), 2);
    shelf.hold(SCOPE.scope, held(n), 2);
    shelf.putPending({ n, raw: new Uint8Array([n, n]), outcome: n % 2 === 1 ? null : { ...OUTCOME, n }, overlay: n % 2 === 1 });
    put("synced", new Uint8Array([n]));
    put("installation", new Uint8Array([4, 2]));
  });
}

/** Lets go of what `enter(n)` brought. */
export async function forget(n: number): Promise<void> {
  await file.change((put) => {
    const { shelf } = file;
    shelf.dropScope(SCOPE.scope);
    shelf.dropRow(row(n));
    shelf.release(SCOPE.scope, row(n));
    shelf.release(SCOPE.scope, held(n));
    shelf.dropPending(n);
    put("synced", null);
  });
}

/** An operation whose last part cannot be written: no wire carries a fraction. */
export async function enterBroken(n: number): Promise<void> {
  await file.change((put) => {
    put("synced", new Uint8Array([n]));
    file.shelf.putRow(row(n), new Uint8Array([n]));
    file.shelf.putPending({ n, raw: 0.5 as never, outcome: null, overlay: true });
  });
}

export async function wipe(): Promise<void> {
  await file.wipe("installation");
}

/** How often a screen was told to draw. */
export function drawn(): number {
  return heard;
}

/** Another version of the app, in another window, changes the tables. */
export function upgrade(): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 99);
    asked.onsuccess = () => resolve(asked.result.close());
    asked.onerror = () => reject(asked.error!);
  });
}
