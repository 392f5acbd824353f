/** The envelopes of the protocol, as arrays in slot order. */

import { idBytes, idText } from "./ids.ts";
import { Malformed, Reader } from "./decode.ts";
import { Raw, encode } from "./encode.ts";
import { PAGE_BYTES, type Id } from "../generated/schema.ts";

export interface GroupPlace {
  readonly first_n: number;
  readonly index: number;
  readonly count: number;
}

export interface Mutation {
  readonly n: number;
  readonly group: GroupPlace;
  readonly kind: number;
  readonly entity: number;
  readonly id: Id;
  readonly bases: Readonly<Record<string, number>>;
  /** MessagePack of the body. */
  readonly body: Uint8Array;
  readonly device_ms: number;
}

export interface Shows {
  readonly scope: number;
  readonly seq: number;
}

export interface Outcome {
  readonly n: number;
  readonly result: number;
  readonly code: string | null;
  readonly remedy: string | null;
  readonly field: string | null;
  readonly rev: number | null;
  readonly shows: Shows | null;
  readonly item_id: Id | null;
  readonly retry_at_ms: number | null;
}

export interface Row {
  readonly entity: number;
  readonly body: Uint8Array;
  readonly reason: number;
}

export interface ScopePage {
  readonly scope: number;
  readonly lane: number;
  readonly begin: boolean;
  readonly position: number;
  readonly head: number;
  readonly done: boolean;
  readonly rows: readonly Row[];
}

export interface SyncAnswer {
  readonly protocol: number;
  readonly epoch: number;
  readonly server_ms: number;
  readonly answers: Uint8Array;
  readonly cursor: Uint8Array;
  readonly last_n: number;
  readonly backed_up_n: number;
  readonly resend_from: number | null;
  readonly outcomes: readonly Outcome[];
  readonly drop: readonly number[];
  readonly pages: readonly ScopePage[];
  readonly more: boolean;
  readonly consistent: boolean;
  readonly problem: string | null;
  readonly anew: boolean;
  readonly beyond: { readonly tiles: number; readonly reports: number } | null;
}

export interface SyncRequest {
  readonly protocol: number;
  readonly schema: number;
  readonly app: string;
  readonly cursor: Uint8Array;
  readonly acked_n: number;
  readonly device_ms: number;
  readonly mutations: readonly Uint8Array[];
  readonly page_bytes: number;
  readonly tiles: readonly number[];
  readonly uptime_ms: number | null;
  readonly boot: string;
}

export function requestBytes(one: SyncRequest): Uint8Array<ArrayBuffer> {
  const { protocol, schema, app, cursor, acked_n, device_ms, page_bytes, tiles, uptime_ms, boot } = one;
  const mutations = one.mutations.map((raw) => new Raw(raw));
  return encode([protocol, schema, app, cursor, acked_n, device_ms, mutations, page_bytes, [...tiles], uptime_ms, boot]);
}

export function mutationBytes(one: Mutation): Uint8Array {
  const { first_n, index, count } = one.group;
  return encode([one.n, [first_n, index, count], one.kind, one.entity, idBytes(one.id), one.bases, new Raw(one.body), one.device_ms]);
}

export function readMutation(raw: Uint8Array): Mutation {
  const reader = new Reader(raw);
  if (reader.array() < 8) throw new Malformed("a mutation has eight slots");
  const n = reader.value() as number;
  const [first_n, index, count] = reader.value() as [number, number, number];
  const kind = reader.value() as number;
  const entity = reader.value() as number;
  const id = idText(reader.value() as Uint8Array);
  const bases = reader.value() as Record<string, number>;
  const body = reader.raw();
  return { n, group: { first_n, index, count }, kind, entity, id, bases, body, device_ms: reader.value() as number };
}

export function readAnswer(bytes: Uint8Array): SyncAnswer {
  const reader = new Reader(bytes);
  const slots = reader.array();
  if (slots < 13) throw new Malformed("an answer has thirteen slots at least");
  const [protocol, epoch, server_ms, answers, cursor, last_n, backed_up_n, resend_from] = values(reader, 8) as [
    number,
    number,
    number,
    Uint8Array,
    Uint8Array,
    number,
    number,
    number | null,
  ];
  const outcomes = (reader.value() as unknown[][]).map(outcomeOf);
  const drop = reader.value() as number[];
  const pages = Array.from({ length: reader.array() }, () => readPage(reader));
  const [more, consistent, problem = null, anew = false, beyond = null] = values(reader, slots - 11) as [
    boolean,
    boolean,
    string | null,
    boolean,
    number[] | null,
  ];
  if (!reader.ended()) throw new Malformed("bytes follow the answer");
  return {
    protocol,
    epoch,
    server_ms,
    answers: answers.slice(),
    cursor: cursor.slice(),
    last_n,
    backed_up_n,
    resend_from,
    outcomes,
    drop,
    pages,
    more,
    consistent,
    problem,
    anew,
    beyond: beyond === null ? null : { tiles: beyond[0] ?? 0, reports: beyond[1] ?? 0 },
  };
}

function values(reader: Reader, count: number): unknown[] {
  return Array.from({ length: count }, () => reader.value());
}

function readPage(reader: Reader): ScopePage {
  const slots = reader.array();
  const [scope, lane, begin, position, head, done] = values(reader, 6) as [number, number, boolean, number, number, boolean];
  const rows = Array.from({ length: reader.array() }, () => readRow(reader));
  values(reader, slots - 7);
  return { scope, lane, begin, position, head, done, rows };
}

function readRow(reader: Reader): Row {
  const slots = reader.array();
  const entity = reader.value() as number;
  const body = reader.raw();
  const [reason = 0] = values(reader, slots - 2) as [number];
  return { entity, body, reason };
}

export function outcomeOf(slots: unknown[]): Outcome {
  const [n, result, code = null, remedy = null, field = null, rev = null, shows = null, item = null, retry_at_ms = null] = slots as [
    number,
    number,
    string?,
    string?,
    string?,
    number?,
    [number, number]?,
    Uint8Array?,
    number?,
  ];
  return {
    n,
    result,
    code,
    remedy,
    field,
    rev,
    shows: shows === null ? null : { scope: shows[0], seq: shows[1] },
    item_id: item === null ? null : idText(item),
    retry_at_ms,
  };
}

export function outcomeSlots(one: Outcome): unknown[] {
  const shows = one.shows === null ? null : [one.shows.scope, one.shows.seq];
  return [
    one.n,
    one.result,
    one.code,
    one.remedy,
    one.field,
    one.rev,
    shows,
    one.item_id === null ? null : idBytes(one.item_id),
    one.retry_at_ms,
  ];
}

export { PAGE_BYTES };
