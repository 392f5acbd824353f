/** The rows of a table: walked by keyboard, chosen, opened; of many only those near the screen are in the page, and the current one. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { speaker } from "../shell/language.ts";
import { cellText, type Choice, type Column, type Order } from "./rows.ts";

const ROW_PX = 52;
const WINDOW_FROM_ROWS = 200;
const MARGIN_ROWS = 10;
const PAGE_ROWS = 10;
const OPEN_PX = 240;

const zh = { all: "全选", choose: "选择 {name}" } as const;
const en: Record<keyof typeof zh, string> = { all: "Choose all", choose: "Choose {name}" };
const say = speaker({ zh, en });

interface Given<T> {
  readonly title: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyed: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  readonly choice?: Choice<T>;
  readonly order: Order | null;
  readonly onOrder: (order: Order) => void;
}

export function Grid<T>(given: Given<T>): JSX.Element {
  const { title, columns, rows, keyed, choice, order, onOrder } = given;
  const table = useRef<HTMLTableElement>(null);
  const near = useNear(table, rows.length);
  const walk = useWalk(given, table, near);
  const isOn = choice !== undefined && rows.every((row) => choice.keys.has(keyed(row)));
  const wide = columns.length + (choice === undefined ? 0 : 1);
  return (
    <table class="grid card" role="grid" ref={table} aria-label={title} aria-rowcount={rows.length + 1} onKeyDown={walk.onKey}>
      <colgroup>
        {choice !== undefined && <col class="pickcol" />}
        {columns.map((column) => (
          <col key={column.name} {...widthOf(column, columns)} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          {choice !== undefined && (
            <th class="pick" scope="col">
              <Tick word={say("all")} on={isOn} onTurn={() => choice.onChange(isOn ? new Set() : new Set(rows.map(keyed)))} />
            </th>
          )}
          {columns.map((column) => (
            <Heading key={column.name} column={column} order={order} onOrder={onOrder} numeric={isNumeric(column, rows)} />
          ))}
        </tr>
      </thead>
      <tbody onFocusIn={walk.onFocus}>
        {drawn(near, walk.at, rows.length).map((part) =>
          typeof part === "number" ? (
            <Line key={keyed(rows[part]!)} given={given} row={rows[part]!} at={part} current={part === walk.at} onTurn={walk.turn} />
          ) : (
            <Gap key={`gap ${part.from === 0 ? "above" : part.from}`} rows={part.to - part.from} columns={wide} />
          ),
        )}
      </tbody>
    </table>
  );
}

interface Space {
  readonly from: number;
  readonly to: number;
}

/** What is in the page, from above: the rows near the screen and the current one, which keeps the focus; and the space between. */
function drawn([first, last]: Near, current: number, rows: number): readonly (number | Space)[] {
  const near = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  const shown = current < first ? [current, ...near] : current >= last ? [...near, current] : near;
  const parts: (number | Space)[] = [];
  let at = 0;
  for (const row of shown) {
    if (row > at) parts.push({ from: at, to: row });
    parts.push(row);
    at = row + 1;
  }
  if (at < rows) parts.push({ from: at, to: rows });
  return parts;
}

interface Walk {
  /** The row that the Tab key reaches. */
  readonly at: number;
  readonly turn: (at: number, stretch: boolean) => void;
  readonly onKey: (event: TargetedKeyboardEvent<HTMLTableElement>) => void;
  readonly onFocus: (event: FocusEvent) => void;
}

const placeOf = (target: EventTarget | null): number => Number((target as Element).closest("tr")?.dataset["at"] ?? NaN);

/** Arrow keys, Home, End and pages walk from row to row; Space chooses, with Shift from the one turned last; Enter opens. */
function useWalk<T>(given: Given<T>, table: { readonly current: HTMLTableElement | null }, [first]: Near): Walk {
  const { rows, keyed, choice, onOpen } = given;
  const [current, setCurrent] = useState<string | null>(null);
  const wanted = useRef(false);
  const turned = useRef<string | null>(null);
  const found = current === null ? -1 : rows.findIndex((row) => keyed(row) === current);
  const at = found < 0 ? Math.min(first, rows.length - 1) : found;
  useLayoutEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    const row = table.current?.querySelector<HTMLElement>(`tr[data-at="${at}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  });
  const turn = (to: number, stretch: boolean): void => {
    const on = !choice!.keys.has(keyed(rows[to]!));
    const from = stretch ? rows.findIndex((one) => keyed(one) === turned.current) : -1;
    const touched = from < 0 ? [rows[to]!] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    const keys = new Set(choice!.keys);
    for (const one of touched) on ? keys.add(keyed(one)) : keys.delete(keyed(one));
    turned.current = keyed(rows[to]!);
    choice!.onChange(keys);
  };
  const onKey = (event: TargetedKeyboardEvent<HTMLTableElement>): void => {
    const here = placeOf(event.target);
    if (Number.isNaN(here) || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = reached(event.key, here, rows.length);
    const own = (event.target as Element).tagName === "TR";
    if (to !== null) {
      wanted.current = true;
      setCurrent(keyed(rows[to]!));
    } else if (own && event.key === " " && choice !== undefined) turn(here, event.shiftKey);
    else if (own && event.key === "Enter" && onOpen !== undefined) onOpen(rows[here]!);
    else return;
    event.preventDefault();
  };
  const onFocus = (event: FocusEvent): void => {
    const here = placeOf(event.target);
    if (!Number.isNaN(here)) setCurrent(keyed(rows[here]!));
  };
  return { at, turn, onKey, onFocus };
}

/** The row to which a key leads; null for any other key. */
function reached(key: string, at: number, rows: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + PAGE_ROWS,
    PageUp: at - PAGE_ROWS,
    Home: 0,
    End: rows - 1,
  };
  const to = steps[key];
  return to === undefined ? null : Math.max(0, Math.min(rows - 1, to));
}

/** A column's share of the width; a column without a width of its own counts as `OPEN_PX`, so that it never vanishes beside the others. */
function widthOf<T>({ width = OPEN_PX }: Column<T>, columns: readonly Column<T>[]): object {
  const told = columns.reduce((sum, column) => sum + (column.width ?? OPEN_PX), 0);
  return { style: { "--width": `${((100 * width) / told).toFixed(2)}%` } };
}

/** Numbers stand at the right, one below the other. */
function isNumeric<T>(column: Column<T>, rows: readonly T[]): boolean {
  if (column.text !== undefined || column.show !== undefined) return false;
  return typeof rows.map(column.value).find((value) => value !== null) === "number";
}

interface HeadingGiven<T> {
  readonly column: Column<T>;
  readonly order: Order | null;
  readonly onOrder: (order: Order) => void;
  readonly numeric: boolean;
}

function Heading<T>({ column, order, onOrder, numeric }: HeadingGiven<T>): JSX.Element {
  const here = order?.name === column.name ? order : null;
  const turn = (): void => onOrder({ name: column.name, down: here !== null && !here.down });
  return (
    <th scope="col" class={numeric ? "number" : ""} aria-sort={here === null ? "none" : here.down ? "descending" : "ascending"}>
      <button type="button" onClick={turn}>
        {column.word}
        <span class="arrow" aria-hidden="true">
          {here === null ? "" : here.down ? "↓" : "↑"}
        </span>
      </button>
    </th>
  );
}

interface LineGiven<T> {
  readonly given: Given<T>;
  readonly row: T;
  readonly at: number;
  readonly current: boolean;
  readonly onTurn: (at: number, stretch: boolean) => void;
}

function Line<T>({ given: { columns, keyed, onOpen, choice }, row, at, current, onTurn }: LineGiven<T>): JSX.Element {
  const on = choice?.keys.has(keyed(row));
  const reach = current ? 0 : -1;
  return (
    <tr
      data-at={at}
      aria-rowindex={at + 2}
      tabIndex={reach}
      class={onOpen === undefined ? "" : "opens"}
      {...(on === undefined ? {} : { "aria-selected": on })}
      onClick={(event) => opensBy(event) && onOpen?.(row)}
    >
      {on !== undefined && (
        <td class="pick">
          <Tick
            word={say("choose", { name: cellText(columns[0]!, row) })}
            on={on}
            reach={reach}
            onTurn={(stretch) => onTurn(at, stretch)}
          />
        </td>
      )}
      {columns.map((column, place) => {
        const held = column.show?.(row) ?? cellText(column, row);
        const kind = isNumeric(column, [row]) ? "number" : "";
        if (place > 0)
          return (
            <td key={column.name} class={kind} title={cellText(column, row)}>
              {held}
            </td>
          );
        return (
          <th key={column.name} scope="row" class={kind}>
            {onOpen === undefined ? (
              held
            ) : (
              <button type="button" tabIndex={reach} onClick={() => onOpen(row)}>
                {held}
              </button>
            )}
          </th>
        );
      })}
    </tr>
  );
}

/** A click anywhere in a row opens it, unless it was meant for something that stands in the row. */
const opensBy = (event: MouseEvent): boolean => (event.target as Element).closest("button, a, input, label") === null;

interface TickGiven {
  readonly word: string;
  readonly on: boolean;
  readonly reach?: number;
  readonly onTurn: (stretch: boolean) => void;
}

function Tick({ word, on, reach = 0, onTurn }: TickGiven): JSX.Element {
  return (
    <label class="tick">
      <input type="checkbox" aria-label={word} checked={on} tabIndex={reach} onClick={(event) => onTurn(event.shiftKey)} />
    </label>
  );
}

/** Stands for rows that are far from the screen. */
function Gap({ rows, columns }: { readonly rows: number; readonly columns: number }): JSX.Element {
  return (
    <tr aria-hidden="true">
      <td class="gap" colSpan={columns} style={{ height: `${rows * ROW_PX}px` }} />
    </tr>
  );
}

type Near = readonly [first: number, last: number];

/** The rows near the screen: all of a short table. */
function useNear(table: { readonly current: HTMLTableElement | null }, rows: number): Near {
  const [range, setRange] = useState<Near>([0, WINDOW_FROM_ROWS]);
  useEffect(() => {
    if (rows <= WINDOW_FROM_ROWS) return undefined;
    const look = (): void => {
      const top = table.current?.tBodies[0]?.getBoundingClientRect().top ?? 0;
      const from = Math.max(0, Math.floor(-top / ROW_PX) - MARGIN_ROWS);
      const to = Math.ceil((innerHeight - top) / ROW_PX) + MARGIN_ROWS;
      setRange((was) => (was[0] === from && was[1] === to ? was : [from, to]));
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [rows]);
  return rows <= WINDOW_FROM_ROWS ? [0, rows] : [Math.min(range[0], rows - 1), Math.min(range[1], rows)];
}
