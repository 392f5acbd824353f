/** What a device knows of each kind of record: rows, read from the lines in which the schema is exported. */

import { KINDS, SHAPES } from "../generated/table.ts";
import type { CommandField, EntityName, EntityRow, Lane, Policy, Slot } from "../generated/schema.ts";

/** Name, role, group if it is not the name's, letter of the shape, default. */
const FIELD = /^(\w+)([!=+]|:(?:(\w+):)?)(\d?[a-zA-Z])(.*)$/;
const LETTERS = 52;

export const ENTITY_ROWS: readonly EntityRow[] = KINDS.split("\n").map(rowOf);

function rowOf(line: string): EntityRow {
  const [name, number, policy, lane, ...parts] = line.split(" ");
  const slots: Slot[] = [];
  const commands: Record<string, CommandField[]> = {};
  const quiet: string[] = [];
  let receiving: EntityRow["receiving"] = null;
  let fields: CommandField[] | null = null;
  for (const part of parts) {
    const [head, ...told] = part.split(/[/@!,]/);
    if (head !== "") {
      const [field, role, shape, ...fallback] = fieldOf(part);
      if (fields === null) slots.push([field, role, shape, ...fallback] as unknown as Slot);
      else fields.push([field, shape, ...fallback] as unknown as CommandField);
    } else if (part.startsWith("/")) {
      commands[told[0]!] = fields = [];
      if (told.length > 1) quiet.push(told[0]!);
    } else receiving = { slot: told[0]!, reader: told[1]!, says: told[2]!, until: Number(told[3]) };
  }
  const kind = { number: Number(number), name: name as EntityName, policy: Number(policy) as Policy, lane: Number(lane) as Lane };
  return { ...kind, slots, commands, quiet, receiving };
}

function fieldOf(part: string): readonly unknown[] {
  const [, name, role, group, code, fallback] = FIELD.exec(part)! as unknown as [
    string,
    string,
    string,
    string | undefined,
    string,
    string,
  ];
  return [name, role.startsWith(":") ? (group ?? name) : role, SHAPES[placeOf(code)], ...(fallback === "" ? [] : [JSON.parse(fallback)])];
}

/** a … z, A … Z, then the same behind a digit. */
function placeOf(code: string): number {
  const letter = code.charCodeAt(code.length - 1);
  return (letter >= 97 ? letter - 97 : letter - 39) + (code.length > 1 ? (Number(code[0]) + 1) * LETTERS : 0);
}
