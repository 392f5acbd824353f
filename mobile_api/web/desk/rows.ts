/** How the rows of a table are found, sorted and read: one way for all tables of the desk. */

import type { ComponentChildren } from "preact";
import { decimal } from "../shell/format.ts";
import { language } from "../shell/language.ts";

/** A cell: text, a whole number, or nothing. */
export type Cell = string | number | null;

export interface Column<T> {
  readonly name: string;
  /** Its heading, in the reader's words. */
  readonly word: string;
  /** By this it is sorted and exported; a number is an integer of `digits`-th decimals. */
  readonly value: (row: T) => Cell;
  readonly digits?: number;
  /** A number that people read as words, such as a moment: so it is searched, and exported unless `kind` says otherwise. */
  readonly text?: (row: T) => string;
  /** In a workbook its value is a number, a day, or a moment in milliseconds, whatever the words: so the workbook can sort and count it. */
  readonly kind?: "number" | "day" | "moment";
  /** What stands in the cell, when that is more than its text. */
  readonly show?: (row: T) => ComponentChildren;
  /** Its share of the width, as pixels of a wide screen. */
  readonly width?: number;
  /** Only on a wide screen, unless the person wants it. */
  readonly wide?: boolean;
  /** Gives way when something stands beside the table. */
  readonly roomy?: boolean;
}

/** Which rows are chosen, by key: held by the screen, which acts on them. */
export interface Choice<T> {
  readonly keys: ReadonlySet<string>;
  readonly onChange: (keys: ReadonlySet<string>) => void;
  /** What can be done with the chosen ones: stands above the table while there are any. */
  readonly actions: (rows: readonly T[]) => ComponentChildren;
}

export interface Order {
  readonly name: string;
  readonly down: boolean;
}

export function cellText<T>(column: Column<T>, row: T): string {
  if (column.text !== undefined) return column.text(row);
  const value = column.value(row);
  return typeof value === "number" ? decimal(value, column.digits ?? 0) : (value ?? "");
}

const folded = (text: string): string => text.normalize("NFKC").toLowerCase();

/** Rows whose texts hold each of the words; `texts` keeps the text of each row from one key to the next. */
export function filtered<T extends object>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  words: string,
  texts: WeakMap<T, string>,
): readonly T[] {
  const each = folded(words).split(/\s+/).filter(Boolean);
  if (each.length === 0) return rows;
  return rows.filter((row) => {
    let text = texts.get(row);
    if (text === undefined) texts.set(row, (text = folded(columns.map((column) => cellText(column, row)).join(" "))));
    return each.every((word) => text.includes(word));
  });
}

/** In the order of one column; empty cells at the end in both directions, equal ones as they came. */
export function sorted<T>(rows: readonly T[], column: Column<T> | undefined, down: boolean): readonly T[] {
  if (column === undefined) return rows;
  const { compare } = new Intl.Collator(language.value === "zh" ? "zh-CN" : "en-GB", { numeric: true });
  const keyed = rows.map((row) => ({ row, value: column.value(row) }));
  const way = down ? -1 : 1;
  keyed.sort((left, right) => {
    const [a, b] = [left.value, right.value];
    if (a === null || a === "" || b === null || b === "") return Number(a === null || a === "") - Number(b === null || b === "");
    return way * (typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b)));
  });
  return keyed.map(({ row }) => row);
}
