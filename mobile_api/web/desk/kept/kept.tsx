/** A table of records that the desk keeps as wholes (P-713): listed, filtered, made, and changed in a sheet. */

import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Problem } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { Form, type Written } from "../../shell/form.tsx";
import type { IconName } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { isTold, told, type Told } from "../../shell/problems.ts";
import { ask, give, pages } from "../../shell/rest.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import { Table, type Column } from "../table.tsx";
import { columnOf, Entry, shownValue, valuesOf, type Field, type Row, type Values } from "./fields.tsx";
import { say } from "./texts.ts";

export interface Kind {
  readonly title: string;
  /** On the button that makes one, and over the sheet. */
  readonly newWord: string;
  readonly empty: string;
  readonly icon?: IconName;
  /** Takes a record. */
  readonly path: string;
  /** Lists them; as a rule the same. */
  readonly list?: string;
  /** Reads one anew before it is changed: of the record as it stands now, only what was written is replaced. */
  readonly read: (id: string) => Promise<Row>;
  readonly fields: readonly Field[];
  /** Further columns, of what no field holds. */
  readonly columns?: readonly Column<Row>[];
  /** The field by which the table is in order at first; else the first one. */
  readonly order?: string;
  /** Values of a new record that no field holds. */
  readonly given?: Values;
  /** Not among the values that the server takes. */
  readonly silent?: readonly string[];
  /** The screen may only show them. */
  readonly shownOnly?: boolean;
  /** What follows once a new record is saved. */
  readonly made?: (row: Row) => void;
  /** Below the form of a record. */
  readonly below?: (row: Row, close: () => void) => ComponentChildren;
}

/** One record of the registry, as the server has it now. */
export const recordOf = (entity: string) => (id: string): Promise<Row> => ask<Row>(`/v1/records/${entity}/${id}`); // prettier-ignore

const SILENT = ["rev", "extra"];

/** What differs from the record as it was on the screen: what somebody else changed meanwhile stays. */
function changed(values: Values, row: Row): Values {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(row[name])));
}

/** Saves a record: a new one, or what was written over the one that stands. The record as it stands then, or the reason why not. */
async function kept(kind: Kind, row: Row | null, values: Values): Promise<Told | Row> {
  try {
    const before: Values = row === null ? (kind.given ?? {}) : { ...(await kind.read(row.id)) };
    for (const name of [...SILENT, ...(kind.silent ?? [])]) delete before[name];
    const stands = await give<Row>(kind.path, { ...before, ...(row === null ? values : changed(values, row)) });
    tell({ text: say("saved") });
    return stands;
  } catch (error) {
    return atField(error, kind.fields);
  }
}

/** The reason, with the field in the reader's words. */
function atField(error: unknown, fields: readonly Field[]): Told {
  const why = told(error);
  const field = error instanceof Problem ? fields.find(({ name }) => name === error.field) : undefined;
  return field === undefined ? why : { ...why, happened: say("at_field", { title: why.happened, field: field.word }) };
}

interface OneGiven {
  readonly kind: Kind;
  readonly row: Row | null;
  /** Those that stand. */
  readonly rows?: readonly Row[];
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

export function One({ kind, row, rows = [], onSaved, onClose }: OneGiven): JSX.Element {
  const made = useRef<Row | null>(null);
  const [before] = useState(rows); // what is proposed stays while the form is open
  const save = async (written: Written): Promise<Told | null> => {
    const values = valuesOf(kind.fields, written, row);
    const done = isTold(values) ? values : await kept(kind, row, values);
    if (isTold(done)) return done;
    if (row === null) made.current = done;
    return null;
  };
  const done = (): void => {
    onSaved();
    if (made.current !== null) kind.made?.(made.current);
  };
  const proposed = (field: Field): Field => (field.firstOf === undefined ? field : { ...field, first: field.firstOf(before) });
  return (
    <Sheet title={row === null ? kind.newWord : shownValue(kind.fields[0]!, row)} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={done} onCancel={onClose}>
        {kind.fields.map((field, at) => (
          <Entry key={field.name} field={proposed(field)} row={row} first={at === 0} />
        ))}
      </Form>
      {row !== null && kind.below?.(row, onClose)}
    </Sheet>
  );
}

interface Given {
  readonly kind: Kind;
  /** Beside the filter. */
  readonly tools?: ComponentChildren;
  /** In the filter when it opens. */
  readonly words?: string;
}

type State = "active" | "all";

export function Kept({ kind, tools, words = "" }: Given): JSX.Element {
  const asked = useLive(() => pages<Row>(kind.list ?? kind.path), [kind.list ?? kind.path]);
  const [open, setOpen] = useState<Row | "new" | null>(null);
  const [state, setState] = useState<State>("active");
  const ends = kind.fields.some(({ name }) => name === "active");
  const shown = (rows: readonly Row[]): readonly Row[] =>
    ends && state === "active" ? rows.filter((row) => row["active"] !== false) : rows;
  const saved = (): void => {
    setOpen(null);
    asked.again();
  };
  return (
    <>
      <Heard of={asked}>
        {(rows) => (
          <Table
            name={kind.path}
            words={words}
            title={kind.title}
            columns={[...kind.fields.filter(({ apart }) => apart !== true).map(columnOf), ...(kind.columns ?? [])]}
            rows={shown(rows)}
            keyed={(row) => row.id}
            order={{ name: kind.order ?? kind.fields[0]!.name, down: false }}
            {...(kind.shownOnly === true ? {} : { onOpen: setOpen })}
            empty={kind.empty}
            {...(kind.icon === undefined ? {} : { icon: kind.icon })}
            tools={
              <>
                {ends && <States state={state} onState={setState} />}
                {tools}
                {kind.shownOnly !== true && (
                  <button aria-haspopup="dialog" class="primary" {...needsServer()} onClick={() => setOpen("new")}>
                    {kind.newWord}
                  </button>
                )}
              </>
            }
          />
        )}
      </Heard>
      {open !== null && (
        <One kind={kind} row={open === "new" ? null : open} rows={asked.value ?? []} onSaved={saved} onClose={() => setOpen(null)} />
      )}
    </>
  );
}

function States({ state, onState }: { readonly state: State; readonly onState: (state: State) => void }): JSX.Element {
  return (
    <div class="segmented" role="group" aria-label={say("states")}>
      {(["active", "all"] as const).map((one) => (
        <button key={one} type="button" aria-pressed={state === one} onClick={() => onState(one)}>
          {say(one === "active" ? "active_only" : "all_states")}
        </button>
      ))}
    </div>
  );
}
