/** Storages keep what a phone is: the same comes back, a failed store changes nothing, a file of others is refused. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { create, patch } from "../src/phone/edits.ts";
import { Phone } from "../src/phone/phone.ts";
import { withKeychain } from "../src/storage/keychain.ts";
import { MemoryStorage } from "../src/storage/memory.ts";
import { SqliteStorage } from "../src/storage/sqlite.ts";
import type { Storage } from "../src/storage/storage.ts";
import { keyOf, Shelf } from "../src/sync/shelf.ts";
import { encode } from "../src/wire/encode.ts";
import { nodeDatabase } from "./node_sqlite.ts";

const ID = "0197b6f0-0000-7000-8000-00000000000";

function folder(t: { after(done: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), "outrider-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** A shelf with one of everything. */
function full(): Shelf {
  const shelf = new Shelf();
  const seat = { org_id: 3, user_id: `${ID}1`, line_no: 4, cursor: Uint8Array.of(1, 2), epoch: 5, next_n: 9, acked_n: 7, backed_up_n: 6 };
  shelf.putSeat({ ...seat, forked: true, tiles: [7, 8] });
  shelf.putScope({ scope: 2, lane: 1, position: 10, head: 20, generation: 3, filling: true });
  shelf.putRow(keyOf(1, `${ID}2`), encode([1]));
  shelf.hold(2, keyOf(1, `${ID}2`), 3);
  shelf.hold(5, keyOf(1, `${ID}2`), 1);
  shelf.hold(5, keyOf(1, `${ID}3`), 1);
  const outcome = { n: 7, result: 3, code: "conflict", remedy: null, field: null, rev: 4, item_id: `${ID}4`, retry_at_ms: null };
  shelf.putPending({ n: 7, raw: Uint8Array.of(9), outcome: { ...outcome, shows: { scope: 2, seq: 30 } }, overlay: false });
  shelf.putPending({ n: 8, raw: Uint8Array.of(8), outcome: null, overlay: true });
  return shelf;
}

function told(shelf: Shelf): unknown {
  const { seat, scopes, rows, holds } = shelf;
  return { seat, scopes, rows, holds, pendings: shelf.pendings() };
}

const KINDS: Record<string, (path: string) => () => Storage> = {
  memory: () => {
    const one = new MemoryStorage();
    return () => one;
  },
  sqlite: (path) => () => new SqliteStorage(nodeDatabase(join(path, "phone.db"))),
};

for (const [kind, at] of Object.entries(KINDS)) {
  test(`${kind}: all of a shelf and its notes come back, and what was dropped does not`, async (t) => {
    const open = at(folder(t));
    const shelf = full();
    const storage = open();
    await storage.load();
    await storage.save(shelf, shelf.taken(), new Map([["tokens", Uint8Array.of(1)]]), true);
    await storage.close();
    const again = await open().load();
    assert.deepEqual(told(again.shelf), told(shelf));
    assert.deepEqual(again.notes, new Map([["tokens", Uint8Array.of(1)]]));
    for (const n of [7, 8]) again.shelf.dropPending(n);
    again.shelf.dropScope(2);
    if (again.shelf.release(5, keyOf(1, `${ID}3`))) again.shelf.dropRow(keyOf(1, `${ID}3`));
    const last = open();
    await last.load();
    await last.save(again.shelf, again.shelf.taken(), new Map([["tokens", null]]), true);
    const { shelf: left, notes } = await last.load();
    assert.deepEqual(told(left), told(again.shelf));
    assert.equal(left.holds.size, 1);
    assert.equal(notes.size, 0);
    await last.wipe(new Map([["installation", Uint8Array.of(2)]]));
    const wiped = await last.load();
    assert.deepEqual(told(wiped.shelf), told(new Shelf()));
    assert.deepEqual(wiped.notes, new Map([["installation", Uint8Array.of(2)]]));
    await last.close();
  });
}

/** Fails as often as told, before anything is stored. */
function failing(storage: Storage, fails: { left: number }): Storage {
  return {
    load: () => storage.load(),
    save: (...told) => (fails.left-- > 0 ? Promise.reject(new Error("the disk is full")) : storage.save(...told)),
    wipe: (keep) => storage.wipe(keep),
    close: () => storage.close(),
  };
}

test("an entry that cannot be stored is gone from memory, and the next one is stored", async () => {
  const fails = { left: 1 };
  const phone = await new Phone({ url: "", storage: failing(new MemoryStorage(), fails) }).open();
  let seen: number[] = [];
  phone.onChange(() => seen.push(phone.waiting()));
  const lost = phone.enter([create("customer", { name: "Lost" })]);
  assert.deepEqual(
    phone.views("customer").map((one) => one.name),
    ["Lost"],
    "in memory at once",
  );
  const kept = phone.enter([create("customer", { name: "Kept" })]);
  await assert.rejects(lost, /the disk is full/);
  assert.deepEqual(await kept, [1]);
  assert.deepEqual(
    phone.views("customer").map((one) => one.name),
    ["Kept"],
  );
  assert.deepEqual(seen, [0, 0, 0, 1], "only what is stored counts as waiting");
});

test("an act of which one entry cannot be written leaves nothing of it", async () => {
  const storage = new MemoryStorage();
  const phone = await new Phone({ url: "", storage }).open();
  const act = [create("customer", { name: "Half" }), create("visit", { device_ms: 0.5 })];
  await assert.rejects(phone.enter(act), /0.5/);
  assert.equal(phone.waiting(), 0);
  await phone.enter([create("customer", { name: "Whole" })]);
  assert.deepEqual(
    (await storage.load()).shelf.pendings().map((one) => one.n),
    [1],
  );
});

test("texts are kept in one form, and one that the field cannot hold is refused before anything is queued", async () => {
  const phone = await new Phone({ url: "", storage: new MemoryStorage() }).open();
  await phone.enter([create("customer", { name: " Cafe\u0301\t", note: "one\r\ntwo" })]);
  const [shown] = phone.views("customer");
  assert.deepEqual([shown!.name, shown!.note], ["Caf\u00e9", "one\ntwo"]);
  const act = [create("customer", { name: "Beside" }), create("customer", { name: "two\nlines" })];
  await assert.rejects(phone.enter(act), { name: "text_lines", slot: "name" });
  assert.equal(phone.waiting(), 1);
});

test("operations queue: entries made at once are all there, in order, and a closed phone takes none", async (t) => {
  const path = join(folder(t), "phone.db");
  const phone = await new Phone({ url: "", storage: new SqliteStorage(nodeDatabase(path)) }).open();
  const customer = create("customer", { name: "0" });
  const numbers = [phone.enter([customer])];
  for (let at = 1; at < 40; at++) numbers.push(phone.enter([patch("customer", customer.id, { name: String(at) })]));
  const closing = phone.close();
  await assert.rejects(phone.enter([customer]), /closed/);
  assert.deepEqual(
    (await Promise.all(numbers)).flat(),
    numbers.map((_, at) => at + 1),
  );
  await closing;
  const again = await new Phone({ url: "", storage: new SqliteStorage(nodeDatabase(path)) }).open();
  assert.deepEqual([again.view("customer", customer.id)?.name, again.waiting()], ["39", 40]);
  await again.close();
});

test("what a listener enters is stored after what it heard of", async () => {
  const storage = new MemoryStorage();
  const stored: number[] = [];
  const noting: Storage = {
    load: () => storage.load(),
    save: (shelf, changes, notes) => {
      stored.push(...changes.pendings);
      return storage.save(shelf, changes, notes);
    },
    wipe: (keep) => storage.wipe(keep),
    close: () => storage.close(),
  };
  const phone = await new Phone({ url: "", storage: noting }).open();
  let second: Promise<number[]> | null = null;
  phone.onChange(() => {
    second ??= phone.enter([create("customer", { name: "Second" })]);
  });
  await phone.enter([create("customer", { name: "First" })]);
  assert.deepEqual(await second!, [2]);
  assert.deepEqual(stored, [1, 2]);
});

test("a fault of a screen does not undo what was entered", async (t) => {
  const phone = await new Phone({ url: "", storage: new MemoryStorage() }).open();
  const faults: string[] = [];
  t.mock.method(globalThis, "setTimeout", (later: () => void) => {
    assert.throws(later, (error: Error) => faults.push(error.message) > 0);
  });
  phone.onChange(() => {
    throw new Error("no such element");
  });
  assert.deepEqual(await phone.enter([create("customer", { name: "Kept" })]), [1]);
  assert.deepEqual([phone.waiting(), faults], [1, ["no such element", "no such element"]]);
});

test("a file that is another program's or a newer app's is refused and not touched", async (t) => {
  const path = folder(t);
  const made: Record<string, string> = {
    "another.db": "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)",
    "newer.db": `PRAGMA application_id = ${0x4f757472}; PRAGMA user_version = 2`,
    "numbered.db": "PRAGMA user_version = 7",
  };
  for (const [name, script] of Object.entries(made)) {
    const database = new DatabaseSync(join(path, name));
    database.exec(script);
    const before = database.prepare("SELECT name FROM sqlite_master").all();
    const phone = new Phone({ url: "", storage: new SqliteStorage(nodeDatabase(join(path, name))) });
    await assert.rejects(phone.open(), { name: "Problem", code: "field_wrong", field: "file" });
    assert.deepEqual(database.prepare("SELECT name FROM sqlite_master").all(), before);
    assert.equal(database.prepare("PRAGMA journal_mode").get()!["journal_mode"], "delete");
    database.close();
  }
});

test("tokens stand in the keychain alone, and go with a wipe", async () => {
  let secret: string | null = null;
  const inner = new MemoryStorage();
  const write = (told: string | null): Promise<void> => {
    secret = told;
    return Promise.resolve();
  };
  const storage = withKeychain(inner, { read: () => Promise.resolve(secret), write });
  const notes = new Map([
    ["tokens", Uint8Array.of(0, 255)],
    ["sent", Uint8Array.of(1)],
  ] as const);
  await storage.save(new Shelf(), new Shelf().taken(), notes, true);
  assert.equal(secret, "00ff");
  assert.deepEqual([...(await inner.load()).notes.keys()], ["sent"]);
  assert.deepEqual((await storage.load()).notes, new Map([...notes].reverse()));
  await storage.wipe(new Map());
  assert.equal(secret, null);
});
