/** A device of several users: each has a storage of the own, a wipe is of one, and an app for one user moves in with all it had. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStorage } from "../src/storage/memory.ts";
import type { Storage } from "../src/storage/storage.ts";
import { userName, withUsers } from "../src/storage/users.ts";
import { keyOf, Shelf } from "../src/sync/shelf.ts";

const ANN = "1 ann";
const BO = "1 bo";
const ROW = keyOf(1, "0197b6f0-0000-7000-8000-000000000002");
const NONE = { seat: false, scopes: new Set<number>(), keys: new Set<string>(), pendings: new Set<number>() };

/** A device whose storages outlive each start of the app. */
class Device {
  readonly door = new MemoryStorage();
  readonly own = new Map<string, MemoryStorage>();

  start(): Storage {
    return withUsers(this.door, (user) => {
      if (!this.own.has(user)) this.own.set(user, new MemoryStorage());
      return this.own.get(user)!;
    });
  }
}

async function enter(storage: Storage, shelf: Shelf, n: number): Promise<void> {
  shelf.putPending({ n, raw: Uint8Array.of(n), outcome: null, overlay: true });
  await storage.save(shelf, shelf.taken(), new Map([["tokens", Uint8Array.of(n)]]), true);
}

async function queue(storage: Storage): Promise<number[]> {
  return (await storage.load()).shelf.pendings().map(({ n }) => n);
}

test("each user finds the own entries, and the device is one installation for all", async () => {
  const device = new Device();
  let storage = device.start();
  await storage.load();
  await storage.save(new Shelf(), NONE, new Map([["installation", Uint8Array.of(7)]]), true);
  await storage.turnTo!(ANN);
  await enter(storage, (await storage.load()).shelf, 1);
  await storage.turnTo!(BO);
  assert.deepEqual(await queue(storage), []);
  await enter(storage, (await storage.load()).shelf, 2);
  storage = device.start();
  const { shelf, notes } = await storage.load();
  assert.deepEqual([shelf.pendings().map(({ n }) => n), notes.get("tokens")], [[2], Uint8Array.of(2)], "of whom signed in last");
  assert.deepEqual(notes.get("installation"), Uint8Array.of(7));
  await storage.turnTo!(ANN);
  assert.deepEqual(await queue(storage), [1]);
});

test("a wipe is of the user whose storage is open", async () => {
  const device = new Device();
  const storage = device.start();
  await storage.load();
  for (const [user, n] of [[ANN, 1] as const, [BO, 2] as const]) {
    await storage.turnTo!(user);
    await enter(storage, (await storage.load()).shelf, n);
  }
  await storage.wipe(new Map([["installation", Uint8Array.of(7)]]));
  const { shelf, notes } = await device.start().load();
  assert.deepEqual([shelf.pendings(), [...notes]], [[], [["installation", Uint8Array.of(7)]]]);
  await storage.turnTo!(BO);
  assert.deepEqual(await queue(storage), []);
  await storage.turnTo!(ANN);
  assert.deepEqual(await queue(storage), [1]);
});

test("an app for one user moves in, and a move that was cut short begins again", async () => {
  const device = new Device();
  const shelf = new Shelf();
  shelf.putSeat({ ...shelf.seat, org_id: 1, user_id: "ann", line_no: 4 });
  shelf.putRow(ROW, Uint8Array.of(5));
  shelf.hold(2, ROW, 1);
  await device.door.save(shelf, shelf.taken(), new Map([["installation", Uint8Array.of(7)]]));
  await enter(device.door, shelf, 1);
  const half = new MemoryStorage();
  device.own.set(userName(shelf.seat), half);
  await enter(half, new Shelf(), 9);
  const told = await device.start().load();
  assert.deepEqual(
    [told.shelf.seat.line_no, told.shelf.rows.get(ROW), told.shelf.pendings().map(({ n }) => n)],
    [4, Uint8Array.of(5), [1]],
  );
  assert.deepEqual([told.notes.get("tokens"), told.notes.get("installation")], [Uint8Array.of(1), Uint8Array.of(7)]);
  const door = await device.door.load();
  assert.deepEqual([door.shelf.seat.user_id, [...door.notes.keys()].sort()], ["", ["installation", "user"]]);
});
