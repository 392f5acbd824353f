/** Any record in a reader's words, also of a kind that no screen knows: kinds, fields, values, and one line for lists and histories. */

import { NAMES_EN, NAMES_ZH } from "../client/src/generated/labels.ts";
import { FieldKind, VisitFlag, type EntityName, type FieldDefinition, type Id } from "../client/src/index.ts";
import { BY_NUMBER, EXTRA_PREFIX, entityOf, namesIn } from "../client/src/sync/entity.ts";
import { birthdayWords } from "./birthday.ts";
import { count, dayWord, distance, money, moment, percent, quantity } from "./format.ts";
import { language, texts } from "./language.ts";
import { all, one } from "./phone.ts";

/** A record of any kind. */
export type Anything = { readonly id: Id; readonly rev: number } & Readonly<Record<string, unknown>>;

/** Reference records that have a name of their own, by the field that points at one. */
const NAMED: Readonly<Record<string, EntityName>> = {
  customer_id: "customer",
  contact_id: "contact",
  product_id: "product",
  price_book_id: "price_book",
  pool_id: "pool",
  department_id: "department",
  parent_id: "department",
};
/** Of a line about a record: fields that only machines read, and degrees, which name no place to a person. */
const SILENT = new Set([
  ...["id", "rev", "device_ms", "received_ms", "epoch", "tile", "datum", "line_no", "customer_id", "amends_id", "position"],
  ...[
    "uptime_ms",
    "boot",
    "heard_ms",
    "heard_uptime_ms",
    "left_datum",
    "left_latitude_e6",
    "left_longitude_e6",
    "left_fix_ms",
    "left_uptime_ms",
  ],
  ...["latitude_e6", "longitude_e6", "wgs_latitude_e6", "wgs_longitude_e6", "content_hash", "local_number"],
]);
const LETTERS_MAX = 90;
const found = new WeakMap<object, ReadonlyMap<number, string>>();
const named = texts({ zh: NAMES_ZH, en: NAMES_EN });

/** The word for a name of the protocol; the name itself when an app meets one that is newer. */
export const word = (name: string): string => named(name) ?? name;

export const kindWord = (entity: number): string => word(BY_NUMBER.get(entity)?.name ?? "");

/** The kind of a record as a heading: "Visit", not "The visit". */
export const kindTitle = (entity: number): string => capital(kindWord(entity).replace(/^The /, ""));

/** A word of the protocol where a line begins. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** What a command wants, such as "submit the quote". */
export const commandWord = (told: Readonly<Record<string, unknown>>): string => word(`do_${String(told["command"])}`);

/** The name of a field; a custom field's as the organisation calls it. */
export function fieldWord(entity: number, slot: string): string {
  const own = slot.startsWith(EXTRA_PREFIX) ? definition(entity, slot.slice(EXTRA_PREFIX.length)) : undefined;
  if (own !== undefined) return language.value === "zh" ? own.label_zh : own.label_en;
  const apart = `${BY_NUMBER.get(entity)?.name ?? ""}_${slot}`; // of this kind alone: a person's title is none of a quote
  return word(apart) === apart ? word(slot.replace(/_id$/, "")) : word(apart);
}

function definition(entity: number, key: string): FieldDefinition | undefined {
  return all("field_definition").find((one) => one.entity === entity && one.key === key);
}

/** A value as people write it: by the unit in the field's name, by its enum, or by the name of the record that it points at. */
export function valueWords(entity: number, slot: string, value: unknown, record?: Anything): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return language.value === "zh" ? (value ? "是" : "否") : value ? "yes" : "no";
  if (Array.isArray(value))
    return value.map((part) => (Array.isArray(part) ? elementWords(slot, part[0]) : elementWords(slot, part))).join(", ") || "–";
  if (typeof value === "object") return changeWords(slot, value as Readonly<Record<string, unknown>>);
  if (typeof value === "string") return textWords(slot, value);
  if (slot.startsWith(EXTRA_PREFIX)) return customNumber(entity, slot, value as number);
  const name = valuesOf(entity, slot)?.get(value as number);
  return name === undefined ? numberWords(slot, value as number, record) : word(name);
}

/** The name of each value of a field's enum: its own, or with the field's where another field has that name. Undefined for other fields. */
export function valuesOf(entity: number, slot: string): ReadonlyMap<number, string> | undefined {
  const field = BY_NUMBER.get(entity)?.byName.get(slot);
  const names = field && namesIn(field[2]);
  if (names === undefined) return undefined;
  const told = (name: string): string => (named(`${slot}_${name}`) === undefined ? name : `${slot}_${name}`);
  const values = found.get(field!) ?? new Map(Object.entries(names).map(([name, value]) => [value, told(name)]));
  found.set(field!, values);
  return values;
}

function textWords(slot: string, text: string): string {
  if (slot.endsWith("_id")) return idWords(slot, text);
  return slot === "birthday" ? birthdayWords(text) : text;
}

/** Of a custom field: a day, or a number in thousandths. */
function customNumber(entity: number, slot: string, value: number): string {
  return definition(entity, slot.slice(EXTRA_PREFIX.length))?.kind === FieldKind.date ? dayWord(value) : quantity(value);
}

function numberWords(slot: string, value: number, record: Anything | undefined): string {
  if (slot === "flags") return flagWords(value);
  if (slot.endsWith("_ms")) return moment(value);
  if (slot.endsWith("_day")) return dayWord(value);
  if (slot.endsWith("_minor")) return money(value, currencyOf(record));
  if (slot.endsWith("_bps")) return percent(value);
  if (slot.endsWith("_thousandths")) return quantity(value);
  if (slot.endsWith("_mm")) return distance(value);
  if (slot.endsWith("_e6")) return (value / 1e6).toFixed(6);
  return count(value);
}

/** What is odd about a visit. */
const flagWords = (flags: number): string =>
  Object.entries(VisitFlag)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => word(name as keyof typeof VisitFlag))
    .join(" · ") || "–";

/** Of a quote its own currency, of a line its quote's, of a price its book's; else the organisation's. */
function currencyOf(record: Anything | undefined): string {
  const told = record?.["currency"];
  if (typeof told === "string") return told;
  const quote = typeof record?.["quote_id"] === "string" ? one("quote", record["quote_id"]) : null;
  const book = typeof record?.["price_book_id"] === "string" ? one("price_book", record["price_book_id"]) : null;
  return quote?.currency ?? book?.currency ?? all("organisation")[0]?.currency ?? "CNY";
}

function elementWords(slot: string, element: unknown): string {
  return slot === "interests" ? (one("product", String(element))?.name ?? "…") : String(element);
}

/** An operation on a set: what comes, and what goes. */
function changeWords(slot: string, change: Readonly<Record<string, unknown>>): string {
  const words = (sign: string, parts: unknown): string[] =>
    Array.isArray(parts) ? parts.map((part) => `${sign}${elementWords(slot, Array.isArray(part) ? part[0] : part)}`) : [];
  return [...words("+", change["add"]), ...words("−", change["remove"])].join(", ") || "–";
}

/** The name of the record that a field points at; people stand in the directory. */
export function idWords(slot: string, id: Id): string {
  const kind = NAMED[slot];
  const named = kind === undefined ? one("person", id) : (one(kind, id) as { readonly name?: string } | null);
  return named?.name ?? "…";
}

export function personName(id: Id | null | undefined): string {
  return id === null || id === undefined ? "" : (one("person", id)?.name ?? "…");
}

/** What stands in a record, for one line: its texts and choices, without what only machines read. */
export function recordWords(entity: number, values: Readonly<Record<string, unknown>>): string {
  const known = BY_NUMBER.get(entity);
  const record = values as Anything;
  const said = Object.entries(values)
    .filter(
      ([slot, value]) => !SILENT.has(slot) && value !== null && value !== "" && value !== false && known?.byName.get(slot)?.[1] !== "!",
    )
    .filter(([, value]) => !(typeof value === "object" && Object.keys(value as object).length === 0))
    .filter(([slot, value]) => valuesOf(entity, slot)?.get(value as number) !== "unknown")
    .map(([slot, value]) => {
      if (typeof value === "string" && !slot.endsWith("_id")) return textWords(slot, value);
      const word = valueWords(entity, slot, value, record);
      return valuesOf(entity, slot) !== undefined ? word : `${fieldWord(entity, slot)} ${word}`;
    });
  const line = said.join(" · ");
  return line.length > LETTERS_MAX ? `${line.slice(0, LETTERS_MAX - 1)}…` : line;
}

/** The customer to whose family a record belongs, by any field that names one. */
export function customerOf(name: EntityName, record: Anything): Id | null {
  if (name === "customer" || name === "standing" || name === "pool_card") return record.id;
  const told = record["customer_id"];
  return typeof told === "string" ? told : null;
}

export const entityNumber = (name: EntityName): number => entityOf(name).number;
