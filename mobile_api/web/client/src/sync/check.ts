/**
 * Whether a value fits its slot, by the bounds of the exported schema: an app enters nothing that a server would refuse, and draws nothing
 * that it cannot understand.
 */

import { ELEMENTS_MAX, REMOVES_MAX, type Shape } from "../generated/schema.ts";
import { cleanText, letters } from "../wire/text.ts";

const INTEGER_MAX = Number.MAX_SAFE_INTEGER;
const EXTRA_KEY = /^[a-z][a-z0-9_]{0,39}$/;
const EXTRA_KEYS_MAX = 64;
export const EXTRA_LETTERS_MAX = 1000;
const patterns = new Map<string, RegExp>();

/** Whether a decoded value is a map. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Whether a decoded value fits: ids are bytes, as on the wire. */
export function fits(shape: Shape, value: unknown): boolean {
  switch (shape[0]) {
    case "maybe":
      return value === null || fits(shape[1] as Shape, value);
    case "given":
      return fits(shape[2] as Shape, value); // older values stay readable, a device gives the narrower type
    case "id":
      return value instanceof Uint8Array && value.length === 16;
    case "bytes":
      return value instanceof Uint8Array && within(value.length, shape[1], shape[2]);
    case "str":
      return typeof value === "string" && cleanText(value) && within(letters(value), shape[1], shape[2]) && matches(value, shape[3]);
    case "bool":
      return typeof value === "boolean";
    case "enum":
      return typeof value === "number" && (shape[1] as number[]).includes(value);
    case "int":
      return integerFits(value, (shape[1] as number | null) ?? -INTEGER_MAX, (shape[2] as number | null) ?? INTEGER_MAX);
    case "list":
      return shape[1] === "plain" && listFits(shape[2] as Shape, shape[3] as number, value);
    default:
      return false;
  }
}

function listFits(element: Shape, most: number, value: unknown): boolean {
  return Array.isArray(value) && within(value.length, 0, most) && value.every((one) => fits(element, one));
}

export function integerFits(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;
}

function within(size: number, least: unknown, most: unknown): boolean {
  return size >= (least as number) && ((most as number) < 0 || size <= (most as number));
}

function matches(value: string, pattern: unknown): boolean {
  if (pattern === undefined) return true;
  let known = patterns.get(pattern as string);
  if (known === undefined) patterns.set(pattern as string, (known = new RegExp((pattern as string).replace("(?!\\n)", ""), "u")));
  return known.test(value);
}

/** Custom fields. `clearable`: in a patch nil clears one, and nobody counts them. */
export function extraFits(value: unknown, clearable: boolean): boolean {
  if (!isMap(value)) return false;
  const entries = Object.entries(value);
  if (!clearable && entries.length > EXTRA_KEYS_MAX) return false;
  return entries.every(([key, one]) => EXTRA_KEY.test(key) && extraValueFits(one, clearable));
}

function extraValueFits(value: unknown, clearable: boolean): boolean {
  if (value === null) return clearable;
  if (typeof value === "string") return letters(value) <= EXTRA_LETTERS_MAX && cleanText(value);
  return integerFits(value, -INTEGER_MAX, INTEGER_MAX);
}

/** A plain list of elements, as a create gives a set. */
export function elementsFit(element: Shape, value: unknown): boolean {
  return Array.isArray(value) && value.length <= ELEMENTS_MAX && value.every((one) => fits(element, one));
}

/** An operation on a set: what it adds, and the tags that it removes. */
export function changeFits(element: Shape, value: unknown): boolean {
  if (!isMap(value)) return false;
  const { add = [], remove = [], ...rest } = value;
  return (
    Object.keys(rest).length === 0 &&
    elementsFit(element, add) &&
    Array.isArray(remove) &&
    remove.length <= REMOVES_MAX &&
    remove.every((one) => tagFits(element, one))
  );
}

function tagFits(element: Shape, tag: unknown): boolean {
  if (!Array.isArray(tag) || tag.length < 3 || !fits(element, tag[0])) return false;
  return integerFits(tag[1], 0, INTEGER_MAX) && integerFits(tag[2], 0, INTEGER_MAX);
}
