/** The fields of a record that the desk keeps: how each is written in a form, read from it, and shown in a table. */

import type { ComponentChildren, JSX } from "preact";
import { dayWord, decimal } from "../../shell/format.ts";
import { ChoiceField, DayField, SelectField, TextField, type Written } from "../../shell/form.tsx";
import type { Told } from "../../shell/problems.ts";
import type { Column } from "../table.tsx";
import { say } from "./texts.ts";

export type Row = Readonly<Record<string, unknown>> & { readonly id: string };
export type Choices = readonly (readonly [value: string, word: string])[];

/** A field of a record. `numbers`: the values of its choices are numbers. */
export interface Field {
  readonly name: string;
  readonly word: string;
  readonly kind: "text" | "secret" | "decimal" | "yes" | "choice" | "numbers" | "words" | "several" | "day";
  readonly needed?: boolean;
  /** Of a decimal: nothing written stands for none, not for 0. */
  readonly maybe?: boolean;
  /** Of a decimal. */
  readonly digits?: number | ((row: Row) => number);
  /** After a decimal, such as `%`. */
  readonly unit?: string;
  /** Of a choice. An empty value stands for none. */
  readonly choices?: Choices;
  /** Of a new record; or found among those that stand. */
  readonly first?: unknown;
  readonly firstOf?: (rows: readonly Row[]) => unknown;
  readonly hint?: string;
  /** It never changes once the record is made. */
  readonly once?: boolean;
  readonly width?: number;
  readonly wide?: boolean;
  /** It does not stand in the table. */
  readonly apart?: boolean;
}

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const digitsOf = (field: Field, row: Row): number => (typeof field.digits === "function" ? field.digits(row) : (field.digits ?? 0));

function wordOf(field: Field, value: unknown): string {
  return field.choices?.find(([one]) => one === String(value ?? ""))?.[1] ?? "";
}

/** A value as people read it. */
export function shownValue(field: Field, row: Row): string {
  const value = row[field.name];
  if (field.kind === "yes") return say(value === true ? "yes" : "no");
  if (field.kind === "words") return list(value).join(say("comma"));
  if (field.kind === "several") return list(value).map((one) => wordOf(field, one)).join(say("comma")); // prettier-ignore
  if (field.kind === "choice" || field.kind === "numbers") return wordOf(field, value);
  if (field.kind === "day") return value === 0 ? say("always") : dayWord(value as number);
  if (field.kind === "decimal" && value === null) return "";
  if (field.kind === "decimal") return decimal(value as number, digitsOf(field, row)) + (field.unit ?? "");
  return String(value ?? "");
}

/** A number stands under its unit, as in the form: a bare 13 might be anything. */
const withUnit = ({ word, unit }: Field): string => (unit === undefined ? word : `${word} (${unit.trim()})`);

export function columnOf(field: Field): Column<Row> {
  const { name, width, wide } = field;
  const word = field.kind === "decimal" ? withUnit(field) : field.word;
  const shape = { name, word, ...(width === undefined ? {} : { width }), wide: wide === true };
  if (field.kind === "decimal" && typeof field.digits === "number")
    return { ...shape, digits: field.digits, value: (row) => row[name] as number };
  if (field.kind === "decimal") return { ...shape, value: (row) => row[name] as number, text: (row) => shownValue(field, row) };
  if (field.kind === "day")
    return { ...shape, kind: "day", value: (row) => (row[name] as number) || null, text: (row) => shownValue(field, row) };
  return { ...shape, value: (row) => shownValue(field, row) };
}

/** The text in the form of a decimal, without groups of thousands. */
const typed = (value: unknown, digits: number): string =>
  value === undefined || value === null ? "" : decimal(value as number, digits).replace(/,/g, "");

export function Entry({ field, row, first }: { readonly field: Field; readonly row: Row | null; readonly first: boolean }): JSX.Element {
  const value = row === null ? field.first : row[field.name];
  const { name, word: label, hint } = field;
  const more = { ...(hint === undefined ? {} : { hint }), needed: field.needed === true, first };
  if (field.once === true && row !== null) return <Fixed label={label}>{shownValue(field, row)}</Fixed>;
  if (field.kind === "yes") {
    const choices = [["yes", say("yes")], ["no", say("no")]] as const; // prettier-ignore
    return <ChoiceField label={label} name={name} choices={choices} value={value === false ? "no" : "yes"} />;
  }
  if (field.kind === "choice" || field.kind === "numbers")
    return <SelectField label={label} name={name} choices={field.choices ?? []} value={String(value ?? "")} needed={more.needed} />;
  if (field.kind === "several") return <Several field={field} on={list(value)} />;
  if (field.kind === "day") return <DayField label={label} name={name} day={value === undefined || value === 0 ? null : Number(value)} />;
  if (field.kind === "words")
    return <TextField {...more} label={label} name={name} value={list(value).join("\n")} lines={4} most={4_000} />;
  if (field.kind === "decimal") {
    const digits = digitsOf(field, row ?? { id: "" });
    return <TextField {...more} label={withUnit(field)} name={name} value={typed(value, digits)} mode="decimal" />;
  }
  return <TextField {...more} label={label} name={name} value={String(value ?? "")} />;
}

function Fixed({ label, children }: { readonly label: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <p class="field">
      <span>{label}</span>
      {children}
      <small> · {say("never_changes")}</small>
    </p>
  );
}

function Several({ field, on }: { readonly field: Field; readonly on: readonly string[] }): JSX.Element {
  return (
    <fieldset class="field choices">
      <legend>{field.word}</legend>
      {(field.choices ?? []).map(([value, word]) => (
        <label key={value}>
          <input type="checkbox" name={`${field.name}.${value}`} defaultChecked={on.includes(value)} />
          <span>{word}</span>
        </label>
      ))}
      {field.hint !== undefined && <small>{field.hint}</small>}
    </fieldset>
  );
}

export type Values = Record<string, unknown>;

/** What a form holds, as the server takes it; the reason when a text is no such value. */
export function valuesOf(fields: readonly Field[], written: Written, row: Row | null): Values | Told {
  const values: Values = {};
  for (const field of fields) {
    if (field.once === true && row !== null) continue;
    const value = valueOf(field, written, row ?? { id: "" });
    if (value === undefined)
      return { happened: say("no_number", { field: field.word }), means: say("nothing_saved"), next: say("number_next") };
    if (!(field.kind === "secret" && value === null)) values[field.name] = value;
  }
  return values;
}

function valueOf(field: Field, written: Written, row: Row): unknown {
  const text = written.text(field.name);
  switch (field.kind) {
    case "yes":
      return text === "yes";
    case "choice":
      return text === "" ? null : text;
    case "numbers":
      return Number(text);
    case "words":
      return text.split(/[\n;；,，]/).map((one) => one.trim()).filter(Boolean); // prettier-ignore
    case "several":
      return (field.choices ?? []).map(([value]) => value).filter((value) => written.text(`${field.name}.${value}`) === "on");
    case "day":
      return written.day(field.name) ?? 0;
    case "decimal":
      if (text === "" && field.maybe === true) return null;
      return text === "" && field.needed !== true ? 0 : (written.decimal(field.name, digitsOf(field, row)) ?? undefined);
    case "secret":
      return text === "" ? null : text;
    default:
      return text;
  }
}
