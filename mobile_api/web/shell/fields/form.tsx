/** Fields that the organisation defined itself within the form of another feature: asked, read, and shown among its facts. */

import type { JSX } from "preact";
import type { EntityName } from "../../client/src/index.ts";
import type { Written } from "../form.tsx";
import type { Told } from "../problems.ts";
import { CustomField, customWords, customWritten, fieldsOf, labelOf, wrongNumber, type Value } from "./fields.tsx";

type Extra = Readonly<Record<string, Value>>;
/** `extra.<key>` → its new value; null clears one. */
export type ExtraChanges = Readonly<Record<`extra.${string}`, Value | null>>;

const NOTHING: Extra = {};

/** The inputs of all custom fields of a kind of record. */
export function CustomInputs({ name, extra = NOTHING }: { readonly name: EntityName; readonly extra?: Extra }): JSX.Element {
  return (
    <>
      {fieldsOf(name).map((field) => (
        <CustomField key={field.id} field={field} value={extra[field.key]} />
      ))}
    </>
  );
}

/** What the form says of custom fields that differs from what stood; the reason where one takes a number and got none. */
export function extraChanges(name: EntityName, written: Written, extra: Extra = NOTHING): ExtraChanges | Told {
  const changes: Record<`extra.${string}`, Value | null> = {};
  for (const field of fieldsOf(name)) {
    const value = customWritten(field, written);
    if (value === undefined) return wrongNumber(field);
    if (value !== (extra[field.key] ?? null)) changes[`extra.${field.key}`] = value;
  }
  return changes;
}

/** Label and words of each custom field; empty words where nothing is told. */
export function customFacts(name: EntityName, extra: Extra): (readonly [label: string, words: string])[] {
  return fieldsOf(name).map((field) => [labelOf(field), customWords(field, extra[field.key])]);
}
