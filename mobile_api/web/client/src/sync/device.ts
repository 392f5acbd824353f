/** The device: what it does with entries, answers and outcomes (P-6xx). No clock, no network, no storage: those come in as arguments. */

import { basesOf, groupsOf, type Seen } from "./bases.ts";
import { digest } from "./cursor.ts";
import { WHOLE_KINDS, type Intent } from "./decode.ts";
import { bodyOut, outward, type Entity } from "./entity.ts";
import { sameBytes } from "../wire/ids.ts";
import { decode } from "../wire/decode.ts";
import { encode } from "../wire/encode.ts";
import { Kind, MUTATIONS_MAX, PAGE_BYTES, PROTOCOL, Result, SCHEMA, type Id, type Shape, type Values } from "../generated/schema.ts";
import { isChange, renumbered, type Tag } from "./sets.ts";
import { valueOf } from "./merge.ts";
import { understood, viewOf } from "./overlay.ts";
import { drop, doubt, doubted, take } from "./rows.ts";
import { keyOf, type Pending, type Seat, type Shelf } from "./shelf.ts";
import { mutationBytes, readMutation, type Mutation, type Outcome, type SyncAnswer, type SyncRequest } from "../wire/envelopes.ts";

export const PUSH_BYTES = 192 * 1024;
export const PUSH_BYTES_LEAST = 4 * 1024;

/** One thing the user did. `values`: slot → value, a custom field as `extra.<key>`. */
export interface Edit {
  readonly kind: number;
  readonly entity: Entity;
  readonly id: Id;
  readonly values?: Values;
  readonly command?: Values;
  /** Bases printed on an inbox card; without: what the screen showed. */
  readonly bases?: Readonly<Record<string, number>> | undefined;
  /** What the screen showed when the form of this edit opened; without: what it shows now. */
  readonly seen?: Seen | undefined;
}

// entering

/** Write what the user did into the queue as one atomic group; bytes and bases freeze now. The numbers given. */
export function enter(shelf: Shelf, edits: readonly Edit[], deviceMs: number): number[] {
  const first = shelf.seat.next_n;
  edits.forEach((edit, index) => {
    const mutation: Mutation = {
      n: first + index,
      group: { first_n: first, index, count: edits.length },
      kind: edit.kind,
      entity: edit.entity.number,
      id: edit.id,
      bases: basesOf(shelf, edit),
      body: encode(bodyOf(shelf, edit)),
      device_ms: deviceMs,
    };
    shelf.putPending({ n: mutation.n, raw: mutationBytes(mutation), outcome: null, overlay: true });
  });
  shelf.putSeat({ ...shelf.seat, next_n: first + edits.length });
  return edits.map((_, index) => first + index);
}

function bodyOf(shelf: Shelf, edit: Edit): unknown {
  if (edit.kind === Kind.command) return commandOut(edit.entity, edit.command ?? {});
  if (edit.kind === Kind.delete) return null;
  const values = WHOLE_KINDS.includes(edit.kind) ? { ...edit.values } : { ...restOfGroups(shelf, edit), ...edit.values };
  return bodyOut(edit.entity, values);
}

/** A command as it goes to the server: each field is told, what the app left out by its default. */
export function commandOut(entity: Entity, command: Values): Values {
  const rows = entity.commands[command["command"] as string] ?? [];
  const told: Values = { command: command["command"] };
  for (const [name, shape, fallback] of rows) told[name] = outward(shape as Shape, name in command ? command[name] : fallback);
  return told;
}

/** A patch carries every field of each group it touches, as on screen (P-331), but none whose value this app cannot read (P-103). */
function restOfGroups(shelf: Shelf, edit: Edit): Values {
  const record = viewOf(shelf, edit.entity, edit.id);
  if (record === null) return {};
  const body = shelf.rows.get(keyOf(edit.entity.number, edit.id));
  const unread = body === undefined ? new Set<string>() : edit.entity.unread(body);
  const values: Values = {};
  for (const group of groupsOf(edit)) {
    for (const slot of edit.entity.groups.get(group) ?? []) {
      const value = valueOf(record, slot);
      if (value || !unread.has(slot)) values[slot] = value;
    }
  }
  return values;
}

// asking

/** From the next request on the device holds the pooled customers of these tiles, and of no others (P-126). */
export function keepTiles(shelf: Shelf, tiles: readonly number[]): void {
  const held = shelf.seat.tiles;
  if (held.length !== tiles.length || held.some((tile, at) => tile !== tiles[at])) shelf.putSeat({ ...shelf.seat, tiles });
}

/** What to send now: unanswered mutations in whole groups, and the cursor. */
export function request(shelf: Shelf, deviceMs: number, app: string, pageBytes: number = PAGE_BYTES): SyncRequest {
  const { cursor, acked_n, forked, tiles } = shelf.seat;
  const waiting = forked ? [] : shelf.pendings().filter((one) => one.outcome === null);
  return {
    protocol: PROTOCOL,
    schema: SCHEMA,
    app,
    cursor,
    acked_n,
    device_ms: deviceMs,
    mutations: wholeGroups(waiting, pageBytes),
    page_bytes: pageBytes,
    tiles,
    uptime_ms: null,
    boot: "",
  };
}

/** As many as a request holds; a phone that asks for small pages on a bad line sends small requests too (P-613). */
function wholeGroups(waiting: readonly Pending[], pageBytes: number): Uint8Array[] {
  const most = Math.min(PUSH_BYTES, Math.max(pageBytes, PUSH_BYTES_LEAST));
  const raws: Uint8Array[] = [];
  let size = 0;
  for (let at = 0; at < waiting.length;) {
    const place = readMutation(waiting[at]!.raw).group;
    const group = waiting.slice(at, at + place.count - place.index);
    size += group.reduce((sum, one) => sum + one.raw.length, 0);
    if (raws.length > 0 && (size > most || raws.length + group.length > MUTATIONS_MAX)) break;
    raws.push(...group.map((one) => one.raw));
    at += group.length;
  }
  return raws;
}

// applying

/** Take in an answer in one local transaction. False: it was computed from another cursor and changed nothing (P-604). */
export function apply(shelf: Shelf, answer: SyncAnswer): boolean {
  if (!sameBytes(answer.answers, digest(shelf.seat.cursor))) return false;
  if (answer.anew || shelf.seat.epoch !== answer.epoch) doubt(shelf);
  if (shelf.seat.epoch !== answer.epoch) voidPlaces(shelf);
  let seat: Seat = takeOutcomes(shelf, { ...shelf.seat, epoch: answer.epoch }, answer);
  for (const page of answer.pages) take(shelf, page);
  for (const scope of answer.drop) drop(shelf, scope);
  if (answer.consistent) for (const scope of doubted(shelf)) drop(shelf, scope);
  seat = { ...seat, cursor: answer.cursor, backed_up_n: answer.backed_up_n };
  shelf.putSeat(seat);
  endOverlays(shelf, seat);
  return true;
}

function takeOutcomes(shelf: Shelf, before: Seat, answer: SyncAnswer): Seat {
  const pendings = new Map(shelf.pendings().map((one) => [one.n, one]));
  const put = (one: Pending): void => {
    pendings.set(one.n, one);
    shelf.putPending(one);
  };
  let forked = before.forked;
  for (const outcome of answer.outcomes) {
    const pending = pendings.get(outcome.n);
    if (outcome.result === Result.forked) forked = true;
    else if (pending !== undefined) put({ ...pending, outcome });
  }
  if (answer.last_n >= before.next_n) forked = true;
  if (answer.resend_from !== null) {
    // the server forgot (it was restored): what it had acknowledged goes again, byte for byte (P-315)
    for (const one of [...pendings.values()])
      if (one.n >= answer.resend_from && one.outcome !== null) put({ ...one, outcome: null, overlay: true });
    // what the server asks for and this device no longer keeps is gone: only a new line can carry what is left
    forked ||= least(pendings.keys(), before.next_n) > Math.max(answer.resend_from, answer.last_n + 1);
  }
  const unanswered = [...pendings.values()].filter((one) => one.outcome === null).map((one) => one.n);
  return { ...before, forked, acked_n: least(unanswered, before.next_n) - 1 };
}

function least(numbers: Iterable<number>, otherwise: number): number {
  let found = Infinity;
  for (const number of numbers) found = Math.min(found, number);
  return found === Infinity ? otherwise : found;
}

/** Places of another epoch are never passed: what an outcome of then named shows when its scope has begun anew (P-606). */
function voidPlaces(shelf: Shelf): void {
  for (const one of shelf.pendings()) {
    if (one.outcome?.shows) shelf.putPending({ ...one, outcome: { ...one.outcome, shows: { scope: one.outcome.shows.scope, seq: 0 } } });
  }
}

/**
 * An overlay ends when the cursor has passed the place its outcome named, at once if it named none (P-606). With it end earlier ones on the
 * same record: a value that was parked is not drawn over a later one that stands.
 */
function endOverlays(shelf: Shelf, seat: Seat): void {
  const standing = new Set<string>();
  for (const one of shelf.pendings().toReversed()) {
    if (one.outcome === null) continue;
    let overlay = one.overlay;
    if (overlay) {
      const { entity, id } = readMutation(one.raw);
      const key = keyOf(entity, id);
      if (standing.has(key) || isVisible(shelf, one.outcome)) {
        overlay = false;
        shelf.putPending({ ...one, overlay });
        if (one.outcome.result === Result.applied || one.outcome.result === Result.merged) standing.add(key);
      }
    }
    if (!overlay && one.n <= Math.min(seat.acked_n, seat.backed_up_n)) shelf.dropPending(one.n);
  }
}

function isVisible(shelf: Shelf, { shows }: Outcome): boolean {
  if (shows === null) return true;
  const scope = shelf.scopes.get(shows.scope);
  return scope === undefined || (!scope.filling && scope.position >= shows.seq);
}

// forks

/**
 * A new line; what is pending is renumbered from 1 with the same record ids, bases and bodies (P-312), but for tags of sets (P-416). After
 * `forked` the server has all that it answered; a server that does not know the line (it was restored) gets everything still kept.
 */
export function takeNewLine(shelf: Shelf, orgId: number, userId: Id, lineNo: number): void {
  const pendings = shelf.pendings();
  const { forked, line_no: oldLine, epoch } = shelf.seat;
  const waiting = pendings.filter((one) => one.outcome === null || !forked).map((one) => readMutation(one.raw));
  for (const one of pendings) shelf.dropPending(one.n);
  const numbers = new Map(waiting.map((mutation, index) => [mutation.n, index + 1]));
  const tags = new Map<number, Tag>([...numbers].map(([n, again]) => [n, [lineNo, again]]));
  for (const mutation of waiting) {
    const n = numbers.get(mutation.n)!;
    const again = {
      ...mutation,
      n,
      group: { ...mutation.group, first_n: n - mutation.group.index },
      body: retagged(mutation, oldLine, tags),
    };
    shelf.putPending({ n, raw: mutationBytes(again), outcome: null, overlay: true });
  }
  doubt(shelf);
  // a void cursor of its own: a late answer to the old line's first request must not fit
  const cursor = new TextEncoder().encode(`line ${lineNo}`);
  shelf.putSeat({
    org_id: orgId,
    user_id: userId,
    line_no: lineNo,
    cursor,
    epoch,
    next_n: waiting.length + 1,
    acked_n: 0,
    backed_up_n: 0,
    forked: false,
    tiles: [],
  });
}

/** The body on the new line: what removes an own waiting add names its new tag too (P-416), `after` the new n (P-341). */
function retagged(mutation: Mutation, oldLine: number, tags: ReadonlyMap<number, Tag>): Uint8Array {
  const intent: Intent | null = understood(mutationBytes(mutation));
  if (intent === null) return mutation.body;
  const changes: Record<string, unknown> = {};
  for (const values of intent.groups.values()) {
    for (const [slot, value] of Object.entries(values)) {
      if (isChange(value)) changes[slot] = outward(intent.entity.byName.get(slot)![2], renumbered(value, oldLine, tags));
    }
  }
  const after = intent.command?.["after"];
  // an entry of the old line has no number here, so this one is refused and not mistaken
  if (typeof after === "number") changes["after"] = tags.get(after)?.[1] ?? null;
  return Object.keys(changes).length === 0 ? mutation.body : encode({ ...(decode(mutation.body) as Values), ...changes });
}
