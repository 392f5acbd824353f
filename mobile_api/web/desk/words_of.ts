/** Names of the protocol as headings and choices of the desk. */

import type { EntityName } from "../client/src/index.ts";
import { language } from "../shell/language.ts";
import { entityNumber, fieldWord, valuesOf, word } from "../shell/words.ts";
import type { Choices } from "./kept/fields.tsx";

/** The same with a capital where a language has them. */
export const headed = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What stands between a word and what is said about it. */
export const colon = (): string => (language.value === "zh" ? "：" : ": ");

/** The name of a field, as it stands over a column. */
export const fieldHead = (entity: EntityName, slot: string): string => headed(fieldWord(entityNumber(entity), slot));

/** The values of an enum field that a person may choose. */
export function valuesIn(field: `${EntityName}.${string}`): Choices {
  const [kind, slot] = field.split(".") as [EntityName, string];
  const values = [...(valuesOf(entityNumber(kind), slot) ?? [])].filter(([value]) => value !== 0);
  return values.map(([value, name]) => [String(value), headed(word(name))]);
}

/** Records by name, as choices; `none`: the word for no record. */
export function choicesOf(records: readonly { readonly id: string; readonly name: string }[], none?: string): Choices {
  const named = records.map(({ id, name }) => [id, name] as const);
  return none === undefined ? named : [["", none], ...named];
}
