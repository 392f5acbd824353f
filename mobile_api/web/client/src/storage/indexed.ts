/** The storage of a browser: IndexedDB. */

import { Shelf, type Changes } from "../sync/shelf.ts";
import { Chunks } from "./chunks.ts";
import { pendingBytes, readPending, readScope, readSeat, scopeBytes, seatBytes } from "./bodies.ts";
import type { NoteChanges, Notes, Storage, Stored } from "./storage.ts";

const VERSION = 1;
const STORES = ["note", "scope", "chunk", "pending"] as const;
const SEAT = "seat";
type StoreName = (typeof STORES)[number];
type Stores = Readonly<Record<StoreName, IDBObjectStore>>;

/** One database; `name` is the app's choice. */
export class IndexedStorage implements Storage {
  private readonly name: string;
  private database: Promise<IDBDatabase> | null = null;
  private chunks = new Chunks();

  constructor(name: string) {
    this.name = name;
  }

  async load(): Promise<Stored> {
    const [read] = await this.begin("readonly");
    const all = <T>(store: StoreName): Promise<[IDBValidKey[], T[]]> =>
      Promise.all([done(read[store].getAllKeys()), done(read[store].getAll() as IDBRequest<T[]>)]);
    const [notes, scopes, chunks, pendings] = await Promise.all([
      all<Uint8Array>("note"),
      all<Uint8Array>("scope"),
      all<Uint8Array>("chunk"),
      all<Uint8Array>("pending"),
    ]);
    const found: Notes = new Map(notes[0].map((key, at) => [key as string, notes[1][at]!]));
    const shelf = new Shelf();
    shelf.seat = readSeat(found.get(SEAT));
    found.delete(SEAT);
    for (const body of scopes[1]) shelf.putScope(readScope(body));
    this.chunks = new Chunks();
    chunks[0].forEach((number, at) => this.chunks.read(shelf, number as number, chunks[1][at]!));
    for (const body of pendings[1]) shelf.putPending(readPending(body));
    shelf.taken();
    return { shelf, notes: found };
  }

  async save(shelf: Shelf, changes: Changes, notes: NoteChanges, safe: boolean): Promise<void> {
    await this.write(safe, ({ note, scope, chunk, pending }) => {
      if (changes.seat) note.put(seatBytes(shelf.seat), SEAT);
      for (const [name, body] of notes) put(note, name, body);
      for (const number of changes.scopes) {
        const held = shelf.scopes.get(number);
        put(scope, number, held === undefined ? null : scopeBytes(held));
      }
      for (const [number, rows] of this.chunks.written(shelf, changes.keys)) put(chunk, number, rows);
      for (const n of changes.pendings) {
        const one = shelf.findPending(n);
        put(pending, n, one === undefined ? null : pendingBytes(one));
      }
    });
  }

  async wipe(keep: Notes): Promise<void> {
    this.chunks = new Chunks();
    await this.write(true, (stores) => {
      for (const name of STORES) stores[name].clear();
      for (const [name, body] of keep) stores.note.put(body, name);
    });
  }

  async close(): Promise<void> {
    const open = this.database;
    this.database = null;
    (await open?.catch(() => null))?.close();
  }

  /** All that `work` asks for is written, or nothing of it, whatever it throws: left alone, the browser would keep the half of it. */
  private async write(safe: boolean, work: (stores: Stores) => void): Promise<void> {
    const [stores, transaction] = await this.begin("readwrite", safe);
    const ended = finished(transaction);
    try {
      work(stores);
      transaction.commit?.();
    } catch (error) {
      ended.catch(() => undefined); // it is told here
      if (transaction.error === null) transaction.abort();
      throw transaction.error ?? error;
    }
    await ended;
  }

  /** A transaction and its stores. One that was closed behind the app's back opens again (Safari in the background). */
  private async begin(mode: IDBTransactionMode, safe = false): Promise<[Stores, IDBTransaction]> {
    const options: IDBTransactionOptions = { durability: safe ? "strict" : "relaxed" };
    let transaction: IDBTransaction;
    try {
      transaction = (await this.opened()).transaction(STORES, mode, options);
    } catch (error) {
      if ((error as DOMException).name !== "InvalidStateError") throw error;
      await this.close();
      transaction = (await this.opened()).transaction(STORES, mode, options);
    }
    return [Object.fromEntries(STORES.map((name) => [name, transaction.objectStore(name)])) as unknown as Stores, transaction];
  }

  private opened(): Promise<IDBDatabase> {
    this.database ??= this.open().catch((error: unknown) => {
      this.database = null;
      throw error;
    });
    return this.database;
  }

  private async open(): Promise<IDBDatabase> {
    const asked = indexedDB.open(this.name, VERSION);
    asked.onupgradeneeded = () => {
      for (const store of STORES) asked.result.createObjectStore(store);
    };
    const database = await done(asked);
    database.onclose = () => (this.database = null);
    // a newer version of the app wants to change the tables: this one lets go, and its next call tells that it is too old
    database.onversionchange = () => void this.close();
    return database;
  }
}

function put(store: IDBObjectStore, key: string | number, value: unknown): void {
  if (value === null) store.delete(key);
  else store.put(value, key);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's storage failed"));
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
}
