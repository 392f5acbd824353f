/** A storage that lasts as long as the program: for tests, tools, and a phone that shall leave nothing behind. */

import { Shelf, type Changes } from "../sync/shelf.ts";
import { pendingBytes, readPending, readScope, readSeat, scopeBytes, seatBytes } from "./bodies.ts";
import type { NoteChanges, Notes, Storage, Stored } from "./storage.ts";

type Row = readonly [body: Uint8Array | undefined, holds: ReadonlyMap<number, number>];

export class MemoryStorage implements Storage {
  private seat: Uint8Array | undefined;
  private notes: Notes = new Map();
  private readonly scopes = new Map<number, Uint8Array>();
  private readonly rows = new Map<string, Row>();
  private readonly pendings = new Map<number, Uint8Array>();

  load(): Promise<Stored> {
    const shelf = new Shelf();
    shelf.seat = readSeat(this.seat);
    for (const body of this.scopes.values()) shelf.putScope(readScope(body));
    for (const [key, [body, holds]] of this.rows) {
      if (body !== undefined) shelf.rows.set(key, body);
      if (holds.size > 0) shelf.holds.set(key, new Map(holds));
    }
    for (const body of this.pendings.values()) shelf.putPending(readPending(body));
    shelf.taken();
    return Promise.resolve({ shelf, notes: new Map(this.notes) });
  }

  save(shelf: Shelf, changes: Changes, notes: NoteChanges): Promise<void> {
    if (changes.seat) this.seat = seatBytes(shelf.seat);
    for (const [name, body] of notes) put(this.notes, name, body ?? undefined);
    for (const number of changes.scopes) put(this.scopes, number, given(shelf.scopes.get(number), scopeBytes));
    for (const n of changes.pendings) put(this.pendings, n, given(shelf.findPending(n), pendingBytes));
    for (const key of changes.keys) {
      const [body, holds] = [shelf.rows.get(key), new Map(shelf.holds.get(key))];
      put(this.rows, key, body === undefined && holds.size === 0 ? undefined : ([body, holds] as const));
    }
    return Promise.resolve();
  }

  wipe(keep: Notes): Promise<void> {
    this.seat = undefined;
    this.notes = new Map(keep);
    for (const one of [this.scopes, this.rows, this.pendings]) one.clear();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function given<T>(one: T | undefined, bytes: (one: T) => Uint8Array): Uint8Array | undefined {
  return one === undefined ? undefined : bytes(one);
}

function put<K, V>(into: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) into.delete(key);
  else into.set(key, value);
}
