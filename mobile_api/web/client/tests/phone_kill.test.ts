/** A phone killed at any moment of an operation: what is opened again is the state before it or after it, never between. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readMutation } from "../src/wire/envelopes.ts";
import { SqliteStorage } from "../src/storage/sqlite.ts";
import { nodeDatabase } from "./node_sqlite.ts";

const CHILD = fileURLToPath(new URL("./phone_kill_child.ts", import.meta.url));
const KILLS = 12;

/** Lets a child work on the file until it has said so many lines and so many milliseconds passed, then kills it. Its last line. */
function killed(path: string, lines: number, laterMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, path], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (part: Buffer) => {
      text += part.toString();
      if (text.split("\n").length > lines) setTimeout(() => child.kill("SIGKILL"), laterMs);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(text.slice(0, text.lastIndexOf("\n")).split("\n").at(-1)!);
      else reject(new Error(`the child ended by itself: ${code}`));
    });
  });
}

test("killed while it enters and takes answers in", { timeout: 60_000 }, async (t) => {
  const path = mkdtempSync(join(tmpdir(), "outrider-"));
  t.after(() => rmSync(path, { recursive: true }));
  const found = new Set<string>();
  for (let at = 0; at < KILLS; at++) {
    const said = await killed(join(path, "phone.db"), 3 + at, (at * 7) % 11);
    const storage = new SqliteStorage(nodeDatabase(join(path, "phone.db")));
    const { shelf, notes } = await storage.load();
    await storage.close();
    const step = Number(new TextDecoder().decode(notes.get("step")));
    const [promised] = said.split(" ").map(Number) as [number];
    assert.ok(step >= promised, `step ${promised} was said to be stored, and ${step} is`);
    // each entering is a group of three; each answer brings 40 rows and answers one group
    const waiting = shelf.pendings();
    assert.equal(waiting.length % 3, 0);
    for (const one of waiting) assert.equal(readMutation(one.raw).group.count, 3);
    assert.equal(waiting.at(-1)?.n ?? shelf.seat.next_n - 1, shelf.seat.next_n - 1);
    const rows = shelf.rows.size;
    assert.equal(rows % 40, 0);
    assert.equal(shelf.holds.size, rows);
    assert.equal(shelf.scopes.get(1)?.position ?? 0, rows / 40);
    assert.deepEqual([(shelf.seat.next_n - 1) / 3, shelf.seat.epoch], [Math.ceil(step / 2), Math.floor(step / 2)]);
    found.add(`${step % 2}`);
  }
  assert.equal(found.size, 2, "killed after both kinds of operations");
});
