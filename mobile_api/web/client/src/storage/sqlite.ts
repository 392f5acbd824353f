/** The storage of an app that has SQLite: the tables of the Python phone's file, over the few calls that every SQLite library has. */

import { Problem } from "../phone/problem.ts";
import { keyParts, keyOf, Shelf, type Changes, type Key } from "../sync/shelf.ts";
import { idBytes, idText } from "../wire/ids.ts";
import { pendingBytes, readPending, readScope, readSeat, scopeBytes, seatBytes } from "./bodies.ts";
import type { NoteChanges, Notes, Storage, Stored } from "./storage.ts";

export type Parameter = number | string | Uint8Array;
export type Statement = readonly [statement: string, parameters: readonly Parameter[]];

/** An open database. The phone never calls it twice at once. */
export interface SqliteDatabase {
  /** The rows of one statement, by the names of their columns; BLOBs as bytes. */
  all(statement: string, parameters: readonly Parameter[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Runs the statements in one transaction: all of them, or none. */
  write(statements: readonly Statement[]): Promise<void>;
  close(): Promise<void>;
}

const VERSION = 1;
/** "Outr": tells our file from any other SQLite file. */
const APPLICATION_ID = 0x4f757472;
const TABLES: readonly string[] = [
  "CREATE TABLE note (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
  "CREATE TABLE scope (number INTEGER PRIMARY KEY, body BLOB NOT NULL)",
  "CREATE TABLE row (entity INTEGER, id BLOB, body BLOB NOT NULL, PRIMARY KEY (entity, id)) WITHOUT ROWID",
  "CREATE TABLE hold (scope INTEGER, entity INTEGER, id BLOB, generation INTEGER, PRIMARY KEY (scope, entity, id)) WITHOUT ROWID",
  "CREATE INDEX hold_record ON hold (entity, id)",
  "CREATE TABLE pending (n INTEGER PRIMARY KEY, body BLOB NOT NULL)",
  `PRAGMA application_id = ${APPLICATION_ID}`,
  `PRAGMA user_version = ${VERSION}`,
];
const EMPTIED = ["row", "hold", "scope", "pending", "note"] as const;
const SEAT = "seat";
const PUT_NOTE = "INSERT OR REPLACE INTO note VALUES (?, ?)";

export class SqliteStorage implements Storage {
  private readonly database: SqliteDatabase;
  private prepared = false;

  constructor(database: SqliteDatabase) {
    this.database = database;
  }

  async load(): Promise<Stored> {
    await this.prepare();
    const shelf = new Shelf();
    const found: Notes = new Map();
    for (const { name, body } of await this.rows("SELECT name, body FROM note")) found.set(name as string, bytes(body));
    shelf.seat = readSeat(found.get(SEAT));
    found.delete(SEAT);
    for (const { body } of await this.rows("SELECT body FROM scope")) shelf.putScope(readScope(bytes(body)));
    for (const { body } of await this.rows("SELECT body FROM pending ORDER BY n")) shelf.putPending(readPending(bytes(body)));
    for (const one of await this.rows("SELECT entity, id, body FROM row")) shelf.rows.set(key(one), bytes(one["body"]));
    for (const one of await this.rows("SELECT scope, entity, id, generation FROM hold")) {
      shelf.hold(one["scope"] as number, key(one), one["generation"] as number);
    }
    shelf.taken();
    return { shelf, notes: found };
  }

  /** SQLite with `synchronous = FULL` is always on the disk, so `safe` changes nothing. */
  async save(shelf: Shelf, changes: Changes, notes: NoteChanges, _safe: boolean): Promise<void> {
    await this.prepare();
    const statements: Statement[] = [];
    if (changes.seat) statements.push([PUT_NOTE, [SEAT, seatBytes(shelf.seat)]]);
    for (const [name, body] of notes) {
      statements.push(body === null ? ["DELETE FROM note WHERE name = ?", [name]] : [PUT_NOTE, [name, body]]);
    }
    for (const number of changes.scopes) {
      const held = shelf.scopes.get(number);
      statements.push(numbered("scope", "number", number, held && scopeBytes(held)));
    }
    for (const n of changes.pendings) {
      const one = shelf.findPending(n);
      statements.push(numbered("pending", "n", n, one && pendingBytes(one)));
    }
    for (const changed of changes.keys) statements.push(...record(shelf, changed));
    await this.database.write(statements);
  }

  async wipe(keep: Notes): Promise<void> {
    await this.prepare();
    const emptied = EMPTIED.map((table): Statement => [`DELETE FROM ${table}`, []]);
    const kept = [...keep].map(([name, body]): Statement => [PUT_NOTE, [name, body]]);
    await this.database.write([...emptied, ...kept]);
    // no trace of it stays on the disk
    await this.rows("VACUUM");
    await this.rows("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private rows(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.database.all(statement, []);
  }

  /** The tables, made when the file is new; a file that is not ours is refused before anything about it changes. */
  private async prepare(): Promise<void> {
    if (this.prepared) return;
    const [owner, version] = [await this.number("PRAGMA application_id"), await this.number("PRAGMA user_version")];
    if (owner === APPLICATION_ID && version !== VERSION) {
      throw new Problem("field_wrong", `this phone's file was written by app version ${version}, this one knows ${VERSION}`, "file");
    }
    const foreign =
      owner !== APPLICATION_ID && (owner !== 0 || version !== 0 || (await this.number("SELECT count(*) FROM sqlite_master")) > 0);
    if (foreign) throw new Problem("field_wrong", "this is not a phone's file", "file");
    await this.rows("PRAGMA synchronous = FULL");
    await this.rows("PRAGMA journal_mode = WAL");
    if (owner !== APPLICATION_ID) await this.database.write(TABLES.map((statement): Statement => [statement, []]));
    this.prepared = true;
  }

  private async number(statement: string): Promise<number> {
    const [found = {}] = await this.rows(statement);
    return Number(Object.values(found)[0]);
  }
}

function numbered(table: string, column: string, number: number, body: Uint8Array | undefined): Statement {
  if (body === undefined) return [`DELETE FROM ${table} WHERE ${column} = ?`, [number]];
  return [`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`, [number, body]];
}

/** A record's row and the scopes that hold it, as the shelf has them now. */
function* record(shelf: Shelf, changed: Key): Iterable<Statement> {
  const [entity, text] = keyParts(changed);
  const id = idBytes(text);
  const body = shelf.rows.get(changed);
  if (body === undefined) yield ["DELETE FROM row WHERE entity = ? AND id = ?", [entity, id]];
  else yield ["INSERT OR REPLACE INTO row VALUES (?, ?, ?)", [entity, id, body]];
  yield ["DELETE FROM hold WHERE entity = ? AND id = ?", [entity, id]];
  for (const [scope, generation] of shelf.holds.get(changed) ?? [])
    yield ["INSERT INTO hold VALUES (?, ?, ?, ?)", [scope, entity, id, generation]];
}

function key(one: Readonly<Record<string, unknown>>): Key {
  return keyOf(one["entity"] as number, idText(bytes(one["id"])));
}

/** Some libraries give a BLOB as an ArrayBuffer or as a list of numbers. */
function bytes(told: unknown): Uint8Array {
  return told instanceof Uint8Array ? told : Uint8Array.from(told instanceof ArrayBuffer ? new Uint8Array(told) : (told as number[]));
}
