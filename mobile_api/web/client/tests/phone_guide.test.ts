/** The adapters of docs/mobile-guide.md, as they stand there, over Node's SQLite with the calls of each library. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { create, patch } from "../src/phone/edits.ts";
import { Phone } from "../src/phone/phone.ts";
import { SqliteStorage, type Parameter, type SqliteDatabase, type Statement } from "../src/storage/sqlite.ts";
import { nodeDatabase } from "./node_sqlite.ts";

const GUIDE = readFileSync(new URL("../../../../docs/mobile-guide.md", import.meta.url), "utf8");
type Adapters = Record<string, (...told: any[]) => any>;

async function adapter(name: string, folder: string): Promise<Adapters[string]> {
  const block = GUIDE.match(/^```js\n[^]*?^```/gm)!.find((one) => one.includes(name))!;
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, block.replace(/^```(js)?$/gm, ""));
  return ((await import(pathToFileURL(path).href)) as Adapters)[name]!;
}

/** `openDatabaseAsync` of expo-sqlite. */
async function expoOpen(path: string): Promise<unknown> {
  const database = nodeDatabase(path);
  const exec = (statement: string): Promise<unknown> => database.all(statement, []);
  return {
    getAllAsync: (statement: string, parameters: Parameter[]) => database.all(statement, parameters),
    runAsync: (statement: string, parameters: Parameter[]) => database.all(statement, parameters),
    async withTransactionAsync(work: () => Promise<void>): Promise<void> {
      await exec("BEGIN");
      await work().catch(async (error: unknown) => {
        await exec("ROLLBACK");
        throw error;
      });
      await exec("COMMIT");
    },
    closeAsync: () => database.close(),
  };
}

/** A `SQLiteDBConnection` of Capacitor: only text and numbers cross the bridge. */
function capacitorConnection(path: string): unknown {
  const database = nodeDatabase(path);
  const crossing = <T>(told: T): T => {
    const text = JSON.stringify(told, (_, value: unknown) => {
      if (value instanceof Uint8Array) throw new Error("bytes do not cross the bridge");
      return value;
    });
    return JSON.parse(text) as T;
  };
  return {
    query: async (statement: string, values: Parameter[]) => crossing({ values: await database.all(statement, crossing(values)) }),
    executeSet: (set: { statement: string; values: Parameter[] }[]) =>
      database.write(crossing(set).map((one): Statement => [one.statement, one.values])),
    close: () => database.close(),
  };
}

const OPENED: Record<string, (folder: string) => Promise<SqliteDatabase>> = {
  expo: async (folder) => (await adapter("expoDatabase", folder))(expoOpen, join(folder, "phone.db")),
  capacitor: async (folder) => (await adapter("capacitorDatabase", folder))(capacitorConnection(join(folder, "phone.db"))),
};

for (const [name, open] of Object.entries(OPENED)) {
  test(`${name}: what is entered is there after a restart, in the file that Node reads`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "outrider-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const phone = await new Phone({ url: "", storage: new SqliteStorage(await open(folder)) }).open();
    const customer = create("customer", { name: "夜市 Night Market" });
    await phone.enter([customer]);
    await phone.enter([patch("customer", customer.id, { city: "上海" })]);
    await phone.close();
    for (const again of [await open(folder), nodeDatabase(join(folder, "phone.db"))]) {
      const restarted = await new Phone({ url: "", storage: new SqliteStorage(again) }).open();
      const { name, city } = restarted.view("customer", customer.id)!;
      assert.deepEqual([name, city, restarted.waiting()], ["夜市 Night Market", "上海", 2]);
      await restarted.close();
    }
  });

  test(`${name}: a write of which one statement fails leaves nothing`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "outrider-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const database = await open(folder);
    await database.write([["CREATE TABLE note (name TEXT PRIMARY KEY, body BLOB)", []]]);
    const put: Statement = ["INSERT INTO note VALUES (?, ?)", ["seat", Uint8Array.of(0, 255)]];
    await assert.rejects(Promise.resolve(database.write([put, put])));
    assert.deepEqual(await database.all("SELECT name, body FROM note", []), []);
    await database.write([put]);
    const [row] = await database.all("SELECT name, body FROM note", []);
    assert.deepEqual([row!["name"], row!["body"]], ["seat", Uint8Array.of(0, 255)]);
    await database.close();
  });
}
