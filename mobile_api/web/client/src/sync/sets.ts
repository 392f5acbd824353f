/** Add-wins sets: an add bears the tag of its mutation, a remove takes the tags which its author saw (P-412 to P-417). */

import { byCodePoint } from "../wire/text.ts";
import type { Tagged, Values } from "../generated/schema.ts";

export type Tag = readonly [line_no: number, n: number];

/** The operation of a patch on a set. */
export interface SetChange {
  readonly add: readonly string[];
  readonly remove: readonly Tagged[];
}

/** Whether a value of a patch is an operation on a set. */
export function isChange(value: unknown): value is SetChange {
  return value !== null && typeof value === "object" && !Array.isArray(value) && "add" in value && "remove" in value;
}

/** The set which a create gives as a plain list. */
export function filled(elements: readonly string[], [line, n]: Tag): Tagged[] {
  return ordered(elements.map((element): Tagged => [element, line, n]));
}

/**
 * The set after an operation: the tags it lists are gone, all others stay, and an added element bears the operation's own tag. The desk,
 * which has line 0, adds no element that stands.
 */
export function changed(stood: readonly Tagged[], change: SetChange, tag: Tag): Tagged[] {
  const gone = new Set(change.remove.map(name));
  const kept = stood.filter((one) => !gone.has(name(one)));
  const standing = new Set(tag[0] === 0 ? elements(kept) : []);
  const added = change.add.filter((one) => !standing.has(one));
  return ordered([...kept, ...filled(added, tag)]);
}

/** The values as they would stand: operations become the set after them. */
export function resolved(before: Values, wanted: Values, tag: Tag): Values {
  const after: Values = {};
  for (const [slot, value] of Object.entries(wanted)) after[slot] = isChange(value) ? changed(before[slot] as Tagged[], value, tag) : value;
  return after;
}

// on the screen

/** Each element once, in order: the same one added by two lines is one on the screen. */
export function distinct(stood: readonly Tagged[]): string[] {
  return elements(stood).sort(byCodePoint);
}

/** The operation that adds these elements. */
export function adding(...elements: string[]): SetChange {
  return { add: elements, remove: [] };
}

/** The operation that removes these elements, each with every tag that is on the screen. */
export function removing(stood: readonly Tagged[], ...elements: string[]): SetChange {
  return { add: [], remove: stood.filter(([element]) => elements.includes(element)) };
}

/** The operation that undoes another, as its history line tells it: it takes back the added tags and adds the removed elements (P-417). */
export function inverse(before: readonly Tagged[], after: readonly Tagged[]): SetChange {
  return { add: elements(missing(before, after)), remove: missing(after, before) };
}

/** The elements of a listed set, each once. */
export function elements(listed: readonly Tagged[]): string[] {
  return [...new Set(listed.map(([element]) => element))];
}

/** The operation on a new line: where it names an own add that goes again under another tag, it names both (P-416). */
export function renumbered(change: SetChange, lineNo: number, numbers: ReadonlyMap<number, Tag>): SetChange {
  const again = change.remove.flatMap(([element, line, n]): Tagged[] => {
    const tag = line === lineNo ? numbers.get(n) : undefined;
    return tag === undefined ? [] : [[element, tag[0], tag[1]]];
  });
  return { add: change.add, remove: [...change.remove, ...again] };
}

function missing(from: readonly Tagged[], others: readonly Tagged[]): Tagged[] {
  const there = new Set(others.map(name));
  return from.filter((one) => !there.has(name(one)));
}

function ordered(tagged: readonly Tagged[]): Tagged[] {
  const once = new Map(tagged.map((one) => [name(one), one]));
  return [...once.values()].sort((left, right) => byCodePoint(left[0], right[0]) || left[1] - right[1] || left[2] - right[2]);
}

const name = ([element, line, n]: Tagged): string => `${line} ${n} ${element}`;
