/** From the bytes of one mutation to its author's intent; null where this app, like the server, cannot understand it. */

import { changeFits, elementsFit, extraFits, fits, integerFits, isMap } from "./check.ts";
import { BY_NUMBER, EXTRA, EXTRA_PREFIX, inward, WHOLE, type Entity } from "./entity.ts";
import { clean, cleanText, letters } from "../wire/text.ts";
import { decode } from "../wire/decode.ts";
import { readMutation, type Mutation } from "../wire/envelopes.ts";
import { Kind, type Shape, type Slot, type Values } from "../generated/schema.ts";

/** One understood mutation. */
export interface Intent {
  readonly mutation: Mutation;
  readonly entity: Entity;
  /** create, restore: one group WHOLE with every given slot; patch, undo: the touched groups; else empty. */
  readonly groups: ReadonlyMap<string, Values>;
  readonly command: Values | null;
}

/** Their body is the whole record. */
export const WHOLE_KINDS: readonly number[] = [Kind.create, Kind.restore];
const NO_GROUPS: ReadonlyMap<string, Values> = new Map();
const BASES_MAX = 128;
const GROUP_MAX = 500;
const NAME_LETTERS_MAX = 60;

/** The author's intent, or null. */
export function understand(raw: Uint8Array): Intent | null {
  try {
    const mutation = readMutation(raw);
    return envelopeFits(mutation) ? understood(mutation) : null;
  } catch {
    return null;
  }
}

function envelopeFits({ n, group, kind, entity, bases, device_ms }: Mutation): boolean {
  const whole = (least: number, ...values: unknown[]): boolean => values.every((one) => integerFits(one, least, Number.MAX_SAFE_INTEGER));
  return (
    whole(1, n, group.count) &&
    whole(0, group.first_n, group.index, device_ms, ...Object.values(bases)) &&
    group.index < GROUP_MAX &&
    group.count <= GROUP_MAX &&
    whole(-Number.MAX_SAFE_INTEGER, kind, entity) &&
    Object.keys(bases).length <= BASES_MAX &&
    Object.keys(bases).every((name) => letters(name) <= NAME_LETTERS_MAX && cleanText(name))
  );
}

function understood(mutation: Mutation): Intent | null {
  const entity = BY_NUMBER.get(mutation.entity);
  if (entity === undefined) return null;
  const body = decode(mutation.body);
  const { kind } = mutation;
  if (kind === Kind.command) {
    const command = commandOf(entity, body);
    return command === null ? null : { mutation, entity, groups: NO_GROUPS, command };
  }
  const whole = WHOLE_KINDS.includes(kind);
  if (!whole && kind !== Kind.patch && kind !== Kind.undo && kind !== Kind.delete) return null;
  // a base for what is no group of the record: its sender meant another thing (P-330)
  if (!Object.keys(mutation.bases).every((name) => entity.isGroup(name))) return null;
  if (kind === Kind.delete) return clean(body) ? { mutation, entity, groups: NO_GROUPS, command: null } : null;
  if (entity.isServers || (entity.isFact && kind !== Kind.create)) return null;
  const slots = typed(entity, body, whole);
  if (slots === null) return null;
  return { mutation, entity, groups: whole ? new Map([[WHOLE, slots]]) : grouped(entity, slots), command: null };
}

/** Slot values by field group; an operation on a set is a group of its own. */
export function grouped(entity: Entity, slots: Values): Map<string, Values> {
  const groups = new Map<string, Values>();
  for (const [slot, value] of Object.entries(slots)) {
    const group = entity.sets.has(slot) ? slot : entity.groupOfSlot(slot)!;
    groups.set(group, { ...groups.get(group), [slot]: value });
  }
  return groups;
}

/** Slot → value of a body, or null when it does not fit the schema. */
function typed(entity: Entity, body: unknown, whole: boolean): Values | null {
  if (!isMap(body)) return null;
  const writable = entity.writable(whole);
  if (Object.keys(body).some((name) => !writable.has(name))) return null;
  const slots: Values = {};
  for (const [name, slot] of writable) {
    const [, role, shape] = slot;
    if (!Object.hasOwn(body, name)) {
      if (whole && slot.length === 3) return null;
      if (whole && name !== EXTRA) slots[name] = slot[3];
      continue;
    }
    const value = body[name];
    if (!slotFits(slot, value, whole)) return null;
    if (name === EXTRA) for (const [key, one] of Object.entries(value as Values)) slots[EXTRA_PREFIX + key] = one;
    else slots[name] = role === "+" ? setIn(shape, value, whole) : inward(shape, value);
  }
  return slots;
}

function slotFits([name, role, shape]: Slot, value: unknown, whole: boolean): boolean {
  if (name === EXTRA) return extraFits(value, !whole);
  if (role === "+") return whole ? elementsFit(shape[2] as Shape, value) : changeFits(shape[2] as Shape, value);
  return fits(shape, value);
}

function setIn(shape: Shape, value: unknown, whole: boolean): unknown {
  const element = shape[2] as Shape;
  if (whole) return (value as unknown[]).map((one) => inward(element, one));
  const { add = [], remove = [] } = value as { add?: unknown[]; remove?: unknown[][] };
  return { add: add.map((one) => inward(element, one)), remove: remove.map(([one, line, n]) => [inward(element, one), line, n]) };
}

/** A command with its defaults, by the entity: another may give the name another meaning. */
function commandOf(entity: Entity, body: unknown): Values | null {
  if (!isMap(body)) return null;
  const { command: tag, ...given } = body;
  const rows = typeof tag === "string" && Object.hasOwn(entity.commands, tag) ? entity.commands[tag] : undefined;
  if (rows === undefined || Object.keys(given).some((name) => !rows.some(([known]) => known === name))) return null;
  const command: Values = { command: tag };
  for (const row of rows) {
    const [name, shape, fallback] = row;
    if (!Object.hasOwn(given, name)) {
      if (row.length === 2) return null;
      command[name] = fallback;
    } else if (!fits(shape, given[name])) return null;
    else command[name] = inward(shape, given[name]);
  }
  return command;
}
