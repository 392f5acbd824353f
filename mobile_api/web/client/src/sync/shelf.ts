/** The memory of a device. A storage takes the changes of one device operation and writes them in one transaction. */

import type { Id } from "../generated/schema.ts";
import type { Outcome } from "../wire/envelopes.ts";

/** `entity number:id`. */
export type Key = string;

export const keyOf = (entity: number, id: Id): Key => `${entity}:${id}`;

export function keyParts(key: Key): [entity: number, id: Id] {
  const colon = key.indexOf(":");
  return [Number(key.slice(0, colon)), key.slice(colon + 1)];
}

/** Who this line is, and how far it came. */
export interface Seat {
  readonly org_id: number;
  readonly user_id: Id | "";
  readonly line_no: number;
  readonly cursor: Uint8Array;
  readonly epoch: number;
  readonly next_n: number;
  readonly acked_n: number;
  readonly backed_up_n: number;
  readonly forked: boolean;
  readonly tiles: readonly number[];
}

export const EMPTY_SEAT: Seat = {
  org_id: 0,
  user_id: "",
  line_no: 0,
  cursor: new Uint8Array(),
  epoch: 0,
  next_n: 1,
  acked_n: 0,
  backed_up_n: 0,
  forked: false,
  tiles: [],
};

export interface HeldScope {
  readonly scope: number;
  readonly lane: number;
  readonly position: number;
  readonly head: number;
  readonly generation: number;
  readonly filling: boolean;
}

/** One own mutation: bytes frozen when the user acted. */
export interface Pending {
  readonly n: number;
  readonly raw: Uint8Array;
  readonly outcome: Outcome | null;
  /** Still drawn over the server's rows. */
  readonly overlay: boolean;
}

/** Bodies by key, kept by entity: a list of one kind reads no other. */
export class Rows {
  private readonly entities = new Map<number, Map<Id, Uint8Array>>();

  get(key: Key): Uint8Array | undefined {
    const [entity, id] = keyParts(key);
    return this.entities.get(entity)?.get(id);
  }

  set(key: Key, body: Uint8Array): void {
    const [entity, id] = keyParts(key);
    let bodies = this.entities.get(entity);
    if (bodies === undefined) this.entities.set(entity, (bodies = new Map()));
    bodies.set(id, body);
  }

  delete(key: Key): void {
    const [entity, id] = keyParts(key);
    this.entities.get(entity)?.delete(id);
  }

  get size(): number {
    let size = 0;
    for (const bodies of this.entities.values()) size += bodies.size;
    return size;
  }

  /** Every held record of one entity. */
  of(entity: number): ReadonlyMap<Id, Uint8Array> {
    return this.entities.get(entity) ?? NOTHING;
  }

  *[Symbol.iterator](): Iterator<[Key, Uint8Array]> {
    for (const [entity, bodies] of this.entities) for (const [id, body] of bodies) yield [keyOf(entity, id), body];
  }
}

const NOTHING: ReadonlyMap<Id, Uint8Array> = new Map();

/** What one device operation changed. */
export interface Changes {
  seat: boolean;
  readonly scopes: Set<number>;
  readonly keys: Set<Key>;
  readonly pendings: Set<number>;
}

const noChanges = (): Changes => ({ seat: false, scopes: new Set(), keys: new Set(), pendings: new Set() });

export class Shelf {
  seat: Seat = EMPTY_SEAT;
  readonly scopes = new Map<number, HeldScope>();
  readonly rows = new Rows();
  /** Per record the scopes that hold it, each with the generation in which it last named the record. */
  readonly holds = new Map<Key, Map<number, number>>();
  private readonly pending = new Map<number, Pending>();
  private queue: readonly Pending[] | null = null;
  private changes = noChanges();

  /** The changes since this was last asked. */
  taken(): Changes {
    const changes = this.changes;
    this.changes = noChanges();
    return changes;
  }

  putSeat(seat: Seat): void {
    this.seat = seat;
    this.changes.seat = true;
  }

  putScope(scope: HeldScope): void {
    this.scopes.set(scope.scope, scope);
    this.changes.scopes.add(scope.scope);
  }

  dropScope(scope: number): void {
    this.scopes.delete(scope);
    this.changes.scopes.add(scope);
  }

  putRow(key: Key, body: Uint8Array): void {
    this.rows.set(key, body);
    this.changes.keys.add(key);
  }

  dropRow(key: Key): void {
    this.rows.delete(key);
    this.changes.keys.add(key);
  }

  hold(scope: number, key: Key, generation: number): void {
    let held = this.holds.get(key);
    if (held === undefined) this.holds.set(key, (held = new Map()));
    held.set(scope, generation);
    this.changes.keys.add(key);
  }

  /** Let go of a record in one scope; true when no scope holds it any more. */
  release(scope: number, key: Key): boolean {
    const held = this.holds.get(key);
    held?.delete(scope);
    if (held?.size === 0) this.holds.delete(key);
    this.changes.keys.add(key);
    return held === undefined || held.size === 0;
  }

  /** Let go of everything in this scope of an older generation; the keys which no scope holds any more. */
  sweep(scope: number, generation: number): Key[] {
    const stale: Key[] = [];
    for (const [key, held] of this.holds) {
      const last = held.get(scope);
      if (last !== undefined && last < generation) stale.push(key);
    }
    return stale.filter((key) => this.release(scope, key));
  }

  /** Own mutations by n; the same list until one changes. */
  pendings(): readonly Pending[] {
    return (this.queue ??= [...this.pending.values()].sort((left, right) => left.n - right.n));
  }

  putPending(pending: Pending): void {
    this.pending.set(pending.n, pending);
    this.queue = null;
    this.changes.pendings.add(pending.n);
  }

  dropPending(n: number): void {
    this.pending.delete(n);
    this.queue = null;
    this.changes.pendings.add(n);
  }

  findPending(n: number): Pending | undefined {
    return this.pending.get(n);
  }
}
