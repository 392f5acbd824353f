/** Kinds of records by name and by number, and how the slots of a body are read, written and checked. */

import { bytesText, idBytes, idText, isId, textBytes } from "../wire/ids.ts";
import { decode } from "../wire/decode.ts";
import type { SetChange } from "./sets.ts";
import { ENTITY_ROWS } from "./table.ts";
import {
  Policy,
  type CommandField,
  type EntityName,
  type EntityRow,
  type Records,
  type Shape,
  type Slot,
  type Values,
} from "../generated/schema.ts";

export const EXTRA = "extra";
export const EXTRA_PREFIX = "extra.";
export const WHOLE = "";

export type AnyRecord = { readonly id: string; readonly rev: number } & Record<string, unknown>;

export class Entity<N extends EntityName = EntityName> {
  readonly number: number;
  readonly name: N;
  readonly policy: number;
  readonly lane: number;
  readonly slots: readonly Slot[];
  /** Name → fields, of each command that such a record takes. */
  readonly commands: Readonly<Record<string, readonly CommandField[]>>;
  readonly quiet: readonly string[];
  readonly receiving: EntityRow["receiving"];
  readonly byName = new Map<string, Slot>();
  readonly groupOf = new Map<string, string>();
  readonly groups = new Map<string, string[]>();
  readonly sets = new Set<string>();
  readonly hasExtra: boolean;
  private readonly given: readonly [later: ReadonlyMap<string, Slot>, whole: ReadonlyMap<string, Slot>];
  /** Bodies never change, so each is opened once; a record is not to be changed either. */
  private readonly opened = new WeakMap<Uint8Array, Records[N]>();

  constructor(row: EntityRow) {
    this.number = row.number;
    this.name = row.name as N;
    this.policy = row.policy;
    this.lane = row.lane;
    this.slots = row.slots;
    this.commands = row.commands;
    this.quiet = row.quiet;
    this.receiving = row.receiving;
    for (const slot of row.slots) {
      const [name, role] = slot;
      this.byName.set(name, slot);
      if (role === "+") this.sets.add(name);
      else if (role !== "=" && role !== "!") {
        this.groupOf.set(name, role);
        if (name !== EXTRA) this.groups.set(role, [...(this.groups.get(role) ?? []), name]);
      }
    }
    this.hasExtra = this.byName.has(EXTRA);
    const given = row.slots.filter(([, role]) => role !== "!");
    const later = given.filter(([, role]) => role !== "=");
    this.given = [new Map(later.map((slot) => [slot[0], slot])), new Map(given.map((slot) => [slot[0], slot]))];
  }

  /** A body as the app shows it: missing trailing slots have their defaults, a newer enum value reads as 0 (P-101, P-103). */
  read(body: Uint8Array): Records[N] {
    const known = this.opened.get(body);
    if (known !== undefined) return known;
    const told = decode(body) as unknown[];
    const record: Record<string, unknown> = {};
    for (let at = 0; at < this.slots.length; at++) {
      const [name, , shape, fallback] = this.slots[at]!;
      record[name] = at < told.length ? inward(shape, told[at]) : fallback;
    }
    this.opened.set(body, record as unknown as Records[N]);
    return record as unknown as Records[N];
  }

  /** Slots of a body that hold an enum value newer than this app. */
  unread(body: Uint8Array): Set<string> {
    const told = decode(body) as unknown[];
    return new Set(this.slots.flatMap(([name, , shape], at) => (at < told.length && isNewer(shape, told[at]) ? [name] : [])));
  }

  /** The slots which a device gives at a creation, or (`whole` false) may change later. */
  writable(whole: boolean): ReadonlyMap<string, Slot> {
    return this.given[whole ? 1 : 0];
  }

  /** Whether a base may name it: a group of the record, a set, a custom field, or the record as a whole. */
  isGroup(name: string): boolean {
    return name === WHOLE || this.groups.has(name) || this.sets.has(name) || (this.hasExtra && name.startsWith(EXTRA_PREFIX));
  }

  groupOfSlot(slot: string): string | undefined {
    return slot.startsWith(EXTRA_PREFIX) ? slot : this.groupOf.get(slot);
  }

  get isFact(): boolean {
    return this.policy === Policy.fact;
  }

  get isServers(): boolean {
    return this.policy === Policy.server;
  }
}

export const ENTITIES: readonly Entity[] = ENTITY_ROWS.map((row) => new Entity(row));
export const BY_NUMBER = new Map(ENTITIES.map((entity) => [entity.number, entity]));
const BY_NAME = new Map<string, Entity>(ENTITIES.map((entity) => [entity.name, entity]));

export function entityOf<N extends EntityName>(name: N): Entity<N> {
  return BY_NAME.get(name) as unknown as Entity<N>;
}

/** The names of the enum whose values a shape takes. */
export function namesIn(shape: Shape): Readonly<Record<string, number>> | undefined {
  if (shape[0] === "maybe") return namesIn(shape[1] as Shape);
  return shape[0] === "enum" ? (shape[2] as Readonly<Record<string, number>>) : undefined;
}

function isNewer(shape: Shape, told: unknown): boolean {
  if (shape[0] === "maybe") return isNewer(shape[1] as Shape, told);
  return shape[0] === "enum" && typeof told === "number" && !(shape[1] as number[]).includes(told);
}

/** From the wire to the app: ids and other bytes become text, as on the JSON twin. */
export function inward(shape: Shape, told: unknown): unknown {
  if (told instanceof Uint8Array) return told.length === 16 && shape[0] !== "bytes" ? idText(told) : bytesText(told);
  switch (shape[0]) {
    case "maybe":
      return told === null ? null : inward(shape[1] as Shape, told);
    case "given":
      return inward(shape[1] as Shape, told);
    case "enum":
      return isNewer(shape, told) ? 0 : told;
    case "list": {
      const parts = told as unknown[];
      if (shape[1] === "tagged") return (parts as unknown[][]).map(([element, line, n]) => [inward(shape[2] as Shape, element), line, n]);
      if (shape[1] === "struct") {
        const fields = shape[2] as [string, Shape][];
        return (parts as unknown[][]).map((one) => Object.fromEntries(fields.map(([name, inner], at) => [name, inward(inner, one[at])])));
      }
      return parts.map((one) => inward(shape[2] as Shape, one));
    }
    case "values":
      return plain(told);
    default:
      return told;
  }
}

/** Untyped values of an inbox card: bytes of 16 are an id. */
function plain(told: unknown): unknown {
  if (told instanceof Uint8Array) return told.length === 16 ? idText(told) : bytesText(told);
  if (Array.isArray(told)) return told.map(plain);
  if (told !== null && typeof told === "object") return Object.fromEntries(Object.entries(told).map(([key, part]) => [key, plain(part)]));
  return told;
}

/** From the app to the wire, by what the slot holds; what does not fit is left as it is, and refused by `check`. */
export function outward(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (shape[0]) {
    case "maybe":
    case "given":
      return outward(shape[1] as Shape, value);
    case "id":
      return isId(value) ? idBytes(value) : value;
    case "bytes":
      return typeof value === "string" ? textBytes(value) : value;
    case "list":
      if (shape[1] === "tagged") return setOut(shape[2] as Shape, value);
      return shape[1] === "plain" && Array.isArray(value) ? value.map((one) => outward(shape[2] as Shape, one)) : value;
    default:
      return value;
  }
}

function setOut(element: Shape, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => outward(element, one));
  const change = value as Partial<SetChange>;
  const told: Record<string, unknown> = {};
  if (change.add !== undefined) told["add"] = change.add.map((one) => outward(element, one));
  if (change.remove !== undefined) told["remove"] = change.remove.map(([one, line, n]) => [outward(element, one), line, n]);
  return told;
}

/** The body of a create or a patch, ready for the wire; `values`: slot → value, a custom field as `extra.<key>`. */
export function bodyOut(entity: Entity, values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const extra: Record<string, unknown> = {};
  let extras = false;
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith(EXTRA_PREFIX)) {
      extra[name.slice(EXTRA_PREFIX.length)] = value;
      extras = true;
    } else {
      const slot = entity.byName.get(name);
      body[name] = slot === undefined ? value : outward(slot[2], value);
    }
  }
  if (extras) body[EXTRA] = extra;
  return body;
}
