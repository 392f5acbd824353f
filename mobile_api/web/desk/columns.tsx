/** Which columns of a table show: those that have room, and what the person chose; the choice is remembered on this device. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { speaker } from "../shell/language.ts";
import { keep, kept } from "../shell/kept.ts";
import type { Column } from "./rows.ts";

const zh = { columns: "列", which: "显示哪些列", usual: "恢复默认" } as const;
const en: Record<keyof typeof zh, string> = { columns: "Columns", which: "Which columns show", usual: "As usual" };
const say = speaker({ zh, en });

const WIDE = matchMedia("(min-width: 900px)");
const isWide = signal(WIDE.matches);
WIDE.addEventListener("change", ({ matches }) => (isWide.value = matches));

/** Column → whether it shows; what the person did not touch shows as usual. */
type Choice = Readonly<Record<string, boolean>>;

export interface Columns<T> {
  readonly shown: readonly Column<T>[];
  readonly chooser: JSX.Element;
}

/** `tight`: something stands beside the table, and columns that want much room give way. */
export function useColumns<T>(table: string, columns: readonly Column<T>[], tight: boolean): Columns<T> {
  const key = `columns ${table}`;
  const [choice, setChoice] = useState<Choice>(() => JSON.parse(kept(key) ?? "{}") as Choice);
  const has = ({ name, wide, roomy }: Column<T>): boolean =>
    choice[name] ?? !((wide === true && !isWide.value) || (roomy === true && tight));
  const choose = (next: Choice): void => {
    keep(key, JSON.stringify(next));
    setChoice(next);
  };
  const chooser = <Chooser columns={columns.slice(1)} has={has} onChoose={(more) => choose(more === null ? {} : { ...choice, ...more })} />;
  return { shown: columns.filter((column, at) => at === 0 || has(column)), chooser };
}

interface Given<T> {
  readonly columns: readonly Column<T>[];
  readonly has: (column: Column<T>) => boolean;
  /** Null: all as usual. */
  readonly onChoose: (choice: Choice | null) => void;
}

function Chooser<T>({ columns, has, onChoose }: Given<T>): JSX.Element {
  const place = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const beside = ({ target }: Event): void => {
      if (place.current?.open === true && !place.current.contains(target as Node)) place.current.open = false;
    };
    document.addEventListener("pointerdown", beside);
    return () => document.removeEventListener("pointerdown", beside);
  }, []);
  const closed = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || place.current === null) return;
    place.current.open = false;
    place.current.querySelector("summary")?.focus();
  };
  return (
    <details class="columns" ref={place} onKeyDown={closed} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="button small">{say("columns")}</summary>
      <fieldset class="card" aria-label={say("which")}>
        {(open ? columns : []).map((column) => (
          <label key={column.name}>
            <input type="checkbox" checked={has(column)} onChange={(event) => onChoose({ [column.name]: event.currentTarget.checked })} />
            {column.word}
          </label>
        ))}
        <button type="button" class="bare" onClick={() => onChoose(null)}>
          {say("usual")}
        </button>
      </fieldset>
    </details>
  );
}
