/** The table of every desk screen: sorted, filtered, chosen from, and exported as it shows. */

import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count } from "../shell/format.ts";
import type { IconName } from "../shell/icons.tsx";
import { language, speaker } from "../shell/language.ts";
import { Empty } from "../shell/parts.tsx";
import { SearchField } from "../shell/search.tsx";
import { say as shared } from "../shell/texts.ts";
import { useColumns } from "./columns.tsx";
import { Export } from "./export.tsx";
import { Grid } from "./grid.tsx";
import { filtered, sorted, type Choice, type Column, type Order } from "./rows.ts";

export type { Choice, Column, Order } from "./rows.ts";

const zh = {
  filter: "筛选",
  shown: "{n} 行",
  shown_of: "{n} 行，共 {of} 行",
  rising: "{shown}，按“{column}”升序",
  falling: "{shown}，按“{column}”降序",
  chosen: "已选 {n} 行",
  choose_none: "取消选择",
} as const;

const en: Record<keyof typeof zh, string> = {
  filter: "Filter",
  shown: "{n} {n:row|rows}",
  shown_of: "{n} of {of} {of:row|rows}",
  rising: "{shown}, sorted by “{column}”, ascending",
  falling: "{shown}, sorted by “{column}”, descending",
  chosen: "{n} chosen",
  choose_none: "Clear selection",
};

const say = speaker({ zh, en });

interface Given<T> {
  /** By this the choice of columns is remembered. */
  readonly name: string;
  /** Names the table and the exported file. */
  readonly title: string;
  /** The first one names the row. */
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyed: (row: T) => string;
  readonly order?: Order;
  /** What opens when the name of a row is pressed. */
  readonly onOpen?: (row: T) => void;
  readonly choice?: Choice<T>;
  /** Beside the filter: buttons, further filters. */
  readonly tools?: ComponentChildren;
  readonly empty: string;
  readonly icon?: IconName;
  /** Words in the filter when the table opens. */
  readonly words?: string;
  /** Something stands beside the table. */
  readonly tight?: boolean;
}

export function Table<T extends object>(given: Given<T>): JSX.Element {
  const { title, columns, rows, choice } = given;
  const [words, setWords] = useState(given.words ?? "");
  const { shown: heads, chooser } = useColumns(given.name, columns, given.tight === true);
  const [order, setOrder] = useState<Order | null>(given.order ?? null);
  const inOrder = useMemo(() => {
    const by = columns.find(({ name }) => name === order?.name);
    return { rows: sorted(rows, by, order?.down === true), texts: new WeakMap<T, string>() };
  }, [rows, order, language.value]);
  const shown = useMemo(() => filtered(inOrder.rows, columns, words, inOrder.texts), [inOrder, words]);
  const chosen = choice === undefined ? [] : rows.filter((row) => choice.keys.has(given.keyed(row)));
  return (
    <>
      <div class="tabletools">
        <SearchField word={say("filter")} value={words} onWords={setWords} />
        {given.tools}
        {chooser}
        <Export title={title} columns={heads} rows={shown} />
      </div>
      <small class="tablecount" role="status" aria-live="polite">
        {countWords(shown.length, rows.length, columns, order)}
      </small>
      {choice !== undefined && chosen.length > 0 && (
        <div class="chosen" role="group" aria-label={say("chosen", { n: count(chosen.length) })}>
          <b>{say("chosen", { n: count(chosen.length) })}</b>
          {choice.actions(chosen)}
          <button class="small" onClick={() => choice.onChange(new Set())}>
            {say("choose_none")}
          </button>
        </div>
      )}
      {shown.length > 0 && <Grid {...given} columns={heads} rows={shown} order={order} onOrder={setOrder} />}
      {shown.length === 0 && <Empty icon={given.icon ?? "search"}>{rows.length === 0 ? given.empty : shared("nothing_found")}</Empty>}
    </>
  );
}

/** How many rows show, and in which order: also for those who hear it. */
function countWords<T>(shown: number, of: number, columns: readonly Column<T>[], order: Order | null): string {
  const rows = shown === of ? say("shown", { n: count(of) }) : say("shown_of", { n: count(shown), of: count(of) });
  const by = columns.find(({ name }) => name === order?.name);
  return by === undefined ? rows : say(order!.down ? "falling" : "rising", { shown: rows, column: by.word });
}
