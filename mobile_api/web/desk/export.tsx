/** The button that saves what a table shows as a workbook. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { speaker } from "../shell/language.ts";
import { Trouble } from "../shell/parts.tsx";
import { told, type Told } from "../shell/problems.ts";
import { saveSheet } from "../shell/sheet.ts";
import { needsServer } from "./away.tsx";
import type { Cell, Column } from "./rows.ts";

const MINUTE_MS = 60_000;

const zh = { export: "导出 Excel", exporting: "正在导出…" } as const;
const en: Record<keyof typeof zh, string> = { export: "Export to Excel", exporting: "Exporting…" };
const say = speaker({ zh, en });

interface ExportGiven<T> {
  readonly title: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
}

/** A workbook knows no time zones: a moment goes into it as the clock on the wall shows it. */
const onTheWall = (ms: number): number => ms - new Date(ms).getTimezoneOffset() * MINUTE_MS;

function cell<T>(column: Column<T>, row: T): Cell {
  if (column.kind === undefined) return column.text === undefined ? column.value(row) : column.text(row);
  const value = column.value(row);
  return column.kind === "moment" && typeof value === "number" ? onTheWall(value) : value;
}

export function Export<T>({ title, columns, rows }: ExportGiven<T>): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Told | null>(null);
  const save = async (): Promise<void> => {
    setBusy(true);
    const heads = columns.map(({ word, digits, kind }) => ({ name: word, digits: digits ?? 0, kind: kind ?? "number" }));
    const written = saveSheet(
      title,
      heads,
      rows.map((row) => columns.map((column) => cell(column, row))),
    );
    setWrong(await written.then(() => null, told));
    setBusy(false);
  };
  return (
    <>
      <button class="small" {...needsServer(busy || rows.length === 0)} onClick={() => void save()}>
        {say(busy ? "exporting" : "export")}
      </button>
      {wrong !== null && <Trouble told={wrong} />}
    </>
  );
}
