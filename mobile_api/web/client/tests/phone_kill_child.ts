/** Enters a group of three, then takes 40 rows in and answers a group, for ever: says the number of each step when it is stored. */

import { PhoneFile } from "../src/phone/file.ts";
import { create } from "../src/phone/edits.ts";
import { numberIn, numberOut } from "../src/phone/session.ts";
import { SqliteStorage } from "../src/storage/sqlite.ts";
import { enter } from "../src/sync/device.ts";
import { entityOf } from "../src/sync/entity.ts";
import { keyOf } from "../src/sync/shelf.ts";
import { encode } from "../src/wire/encode.ts";
import { idBytes, newId } from "../src/wire/ids.ts";
import { nodeDatabase } from "./node_sqlite.ts";

const CUSTOMER = entityOf("customer").number;
const file = new PhoneFile(new SqliteStorage(nodeDatabase(process.argv[2]!)), () => undefined);
await file.load();

const freshId = (): string => newId(Date.now(), crypto.getRandomValues(new Uint8Array(16)));

function entered(): void {
  const edits = ["one", "two", "three"].map((name) => create("customer", { name }));
  enter(file.shelf, edits, Date.now());
}

function answered(): void {
  const { shelf } = file;
  const taken = shelf.seat.epoch + 1;
  for (let at = 0; at < 40; at++) {
    const id = freshId();
    shelf.putRow(keyOf(CUSTOMER, id), encode([idBytes(id), 1, `row ${at}`]));
    shelf.hold(1, keyOf(CUSTOMER, id), 1);
  }
  shelf.putScope({ scope: 1, lane: 1, position: taken, head: taken, generation: 1, filling: false });
  for (const one of shelf.pendings().slice(0, 3)) shelf.dropPending(one.n);
  shelf.putSeat({ ...shelf.seat, epoch: taken });
}

for (let step = numberIn(file.note("step"), 0) + 1; ; step++) {
  await file.change((put) => {
    if (step % 2 === 1) entered();
    else answered();
    put("step", numberOut(step));
  });
  process.stdout.write(`${step}\n`);
}
