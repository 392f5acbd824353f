/** Text that people type, as it is entered: each in one form; a wrong text is refused at its field, before it is queued (P-622, P-623). */

import { EXTRA_LETTERS_MAX, isMap } from "./check.ts";
import { EXTRA_PREFIX, type Entity } from "./entity.ts";
import type { Edit } from "./device.ts";
import { controlIn, letters, stripped, typed } from "../wire/text.ts";
import { Kind, type Shape, type Values } from "../generated/schema.ts";

/** A text that may be longer is more than a name. */
const NAME_LETTERS_MAX = 120;
/** A text that may be longer has lines. */
const LINE_LETTERS_MAX = 200;
const ENDLESS = 2 ** 31;
/** An undo brings earlier values back as they stood. */
const TYPED: readonly number[] = [Kind.create, Kind.restore, Kind.patch, Kind.command];
const EXTRA_VALUE: Shape = ["str", 0, EXTRA_LETTERS_MAX];
const ANY: Shape = [];

/** A text that cannot be entered. `name`: of the sentence that says so; `slot`: the field; `facts`: values that it mentions. */
export class MisfitError extends Error {
  override readonly name: string;
  readonly slot: string;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(name: string, slot: string, facts: Readonly<Record<string, string | number>> = {}) {
    super(`${name}: ${slot}`);
    this.name = name;
    this.slot = slot;
    this.facts = facts;
  }
}

/** The edit with its texts as they are kept. Throws MisfitError. */
export function tidied(edit: Edit): Edit {
  if (!TYPED.includes(edit.kind)) return edit;
  const values: Values = {};
  for (const [slot, value] of Object.entries(edit.values ?? {})) values[slot] = valueTidied(edit.entity, slot, value);
  if (edit.command === undefined) return { ...edit, values };
  const rows = edit.entity.commands[edit.command["command"] as string] ?? [];
  return { ...edit, values, command: fittedBy(new Map(rows.map(([name, shape]) => [name, shape])), edit.command) };
}

/** The same values, their texts as they are kept, each by the shape of its name. Throws MisfitError. */
export function fittedBy(shapes: ReadonlyMap<string, Shape>, values: Values): Values {
  const fitted: Values = {};
  for (const [name, value] of Object.entries(values)) fitted[name] = shapes.has(name) ? textTidied(name, value, shapes.get(name)!) : value;
  return fitted;
}

function valueTidied(entity: Entity, slot: string, value: unknown): unknown {
  const shape = slot.startsWith(EXTRA_PREFIX) ? EXTRA_VALUE : (entity.byName.get(slot)?.[2] ?? ANY);
  if (!entity.sets.has(slot)) return textTidied(slot, value, shape);
  if (isMap(value)) return { ...value, add: elementsTidied(slot, (value["add"] ?? []) as unknown[], shape) };
  return Array.isArray(value) ? elementsTidied(slot, value, shape) : textTidied(slot, value, ANY);
}

function elementsTidied(slot: string, words: readonly unknown[], shape: Shape): unknown[] {
  return words.map((word) => textTidied(slot, word, shape[2] as Shape));
}

/** A text by the bounds of its shape; ids and other bytes are text in the app, and no text that people type. */
function textTidied(slot: string, given: unknown, shape: Shape): unknown {
  if (typeof given !== "string" || isBytes(shape)) return given;
  const [least, most] = boundsOf(shape);
  let text = typed(given);
  if (most <= LINE_LETTERS_MAX) text = stripped(text.replaceAll("\t", " "));
  if (most > NAME_LETTERS_MAX && most <= LINE_LETTERS_MAX) text = text.replaceAll("\n", " ");
  const letter = controlIn(text);
  if (letter !== null) throw new MisfitError("text_control", slot, { letter: codePoint(letter) });
  if (most <= NAME_LETTERS_MAX && text.includes("\n")) throw new MisfitError("text_lines", slot);
  const count = letters(text);
  if (count > most) throw new MisfitError("text_long", slot, { letters: count, limit: most });
  if (count < least) throw new MisfitError(least > 1 ? "text_short" : "text_empty", slot, { limit: least });
  return text;
}

const codePoint = (letter: string): string => `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;

function isBytes(shape: Shape): boolean {
  if (shape[0] === "maybe" || shape[0] === "given") return isBytes(shape[1] as Shape);
  return shape[0] === "id" || shape[0] === "bytes";
}

/** Fewest and most letters of a text that this shape takes. */
function boundsOf(shape: Shape): [least: number, most: number] {
  if (shape[0] === "maybe" || shape[0] === "given") return boundsOf(shape[1] as Shape);
  if (shape[0] === "list" && shape[1] === "plain") return boundsOf(shape[2] as Shape);
  if (shape[0] !== "str") return [0, ENDLESS];
  return [shape[1] as number, (shape[2] as number) < 0 ? ENDLESS : (shape[2] as number)];
}
