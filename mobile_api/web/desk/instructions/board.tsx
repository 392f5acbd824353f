/** The board of instructions: who stands where with each and since when, the overdue and escalated first. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Id, Instruction } from "../../client/src/index.ts";
import type { Shown } from "../../shell/feature.ts";
import { ago, count, moment } from "../../shell/format.ts";
import { isUrgent, sinceMs, stateWord, waits } from "../../shell/instructed.ts";
import { language } from "../../shell/language.ts";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { records } from "../../shell/phone.ts";
import { askNamed } from "../named.ts";
import { receivers } from "../../shell/team.ts";
import { entityNumber, personName, valueWords } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import { Table, type Column } from "../table.tsx";
import { fieldHead, headed, valuesIn } from "../words_of.ts";
import { customerName, Details, StateChip } from "./details.tsx";
import { GiveSheet } from "./give.tsx";
import { batch, board, fitting, isPressingWord, type Filters, type Line } from "./look.ts";
import { say } from "./texts.ts";

const PATH = "/v1/desk/instructions/board";
const SHOWN_MAX = 1_000;

const urgentWord = (told: Instruction): string => headed(valueWords(entityNumber("instruction"), "priority", told.priority));
const pressingWord = ({ pressing }: Line): string => (pressing === null ? "" : say(isPressingWord[pressing]));
const stateText = (line: Line): string => [headed(stateWord(line.told)), pressingWord(line)].filter(Boolean).join(" · ");

/** How many have read it; once one is done, how many are. */
function requestWord({ counts: { of, read, done } }: Line): string {
  return of < 2 ? "" : say(done > 0 ? "of_done" : "of_read", { n: count(done > 0 ? done : read), of: count(of) });
}

function TextOf({ told }: Line): JSX.Element {
  return (
    <>
      {isUrgent(told) && (
        <span class="chip late" role="img" aria-label={urgentWord(told)}>
          !
        </span>
      )}{" "}
      {told.text}
    </>
  );
}

function StateOf(line: Line): JSX.Element {
  return (
    <span class="marks">
      <StateChip state={line.told.state} />
      {line.pressing !== null && <span class="chip late">{pressingWord(line)}</span>}
      {waits(line.told) && <span class="chip wait">{say("waits")}</span>}
    </span>
  );
}

function DueOf({ told, pressing }: Line): JSX.Element {
  const { due_ms: due } = told;
  return due === null ? <>–</> : pressing === "overdue" ? <span class="chip late">{moment(due)}</span> : <>{moment(due)}</>;
}

const columns = (): Column<Line>[] => [
  { name: "text", word: say("text"), value: ({ told }) => told.text, show: TextOf },
  { name: "rep", word: say("rep"), value: ({ told }) => personName(told.rep_id), width: 120 },
  { name: "customer", word: say("customer"), value: ({ told }) => customerName(told), width: 130, wide: true },
  { name: "state", word: fieldHead("instruction", "state"), value: ({ told }) => told.state, text: stateText, show: StateOf, width: 170 },
  {
    name: "since",
    word: say("since"),
    value: ({ told }) => sinceMs(told),
    text: ({ told }) => moment(sinceMs(told)),
    kind: "moment",
    show: ({ told }) => ago(sinceMs(told)),
    width: 110,
    wide: true,
  },
  {
    name: "due",
    word: say("due"),
    value: ({ told }) => told.due_ms,
    text: ({ told }) => (told.due_ms === null ? "" : moment(told.due_ms)),
    kind: "moment",
    show: DueOf,
    width: 150,
    wide: true,
  },
  { name: "request", word: say("request"), value: requestWord, width: 120, wide: true },
];

interface FilterGiven {
  readonly label: string;
  readonly all: string;
  readonly choices: readonly (readonly [string, string])[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
}

function Filter({ label, all, choices, value, onChoose }: FilterGiven): JSX.Element {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">{all}</option>
      {choices.map(([one, word]) => (
        <option key={one} value={one}>
          {word}
        </option>
      ))}
    </select>
  );
}

interface ToolsGiven {
  readonly filters: Filters;
  readonly onFilters: (filters: Filters) => void;
  readonly onGive: () => void;
}

function Tools({ filters, onFilters, onGive }: ToolsGiven): JSX.Element {
  const people = receivers().map(({ id, name }) => [id, name] as const);
  const groups = (["pressing", "to_decide", "open"] as const).map((one) => [one, say(one)] as const);
  const states = [...groups, ...valuesIn("instruction.state")];
  const stateHead = fieldHead("instruction", "state");
  return (
    <>
      <Filter
        label={say("rep")}
        all={say("every_rep")}
        choices={people}
        value={filters.rep}
        onChoose={(rep) => onFilters({ ...filters, rep })}
      />
      <Filter
        label={stateHead}
        all={say("every_state")}
        choices={states}
        value={filters.state}
        onChoose={(state) => onFilters({ ...filters, state })}
      />
      <button aria-haspopup="dialog" class="primary" {...needsServer()} onClick={onGive}>
        {say("give")}
      </button>
    </>
  );
}

/** An address may name the one that is open. */
export function Instructions({ rest: [named] }: Shown): JSX.Element {
  const [open, setOpen] = useState<Id | null>(named ?? null);
  const [filters, setFilters] = useState<Filters>({ rep: "", state: "" });
  const [giving, setGiving] = useState(false);
  const asked = useLive(() => askNamed<Instruction>(PATH, (items) => items.length >= SHOWN_MAX));
  const lines = useMemo(() => board(asked.value ?? []), [asked.value, records.value, language.value]);
  const shown = useMemo(() => fitting(lines, filters), [lines, filters]);
  const line = lines.find(({ told }) => told.id === open);
  const done = (): void => {
    setGiving(false);
    asked.again();
  };
  return (
    <>
      <TopBar title={say("instructions")} />
      <main class="flush">
        <Heard of={asked} />
        {(lines.length > 0 || asked.value !== null) && (
          <Table
            name="instructions"
            title={say("instructions")}
            columns={columns()}
            rows={shown}
            keyed={({ told }) => told.id}
            onOpen={({ told }) => setOpen(told.id)}
            tools={<Tools filters={filters} onFilters={setFilters} onGive={() => setGiving(true)} />}
            empty={say("no_instructions")}
            icon="task"
          />
        )}
        {open !== null && line === undefined && asked.value !== null && <Empty icon="task">{say("gone")}</Empty>}
      </main>
      {giving && <GiveSheet onDone={done} onClose={() => setGiving(false)} />}
      {line !== undefined && <Details line={line} others={batch(lines, line.told)} onClose={() => setOpen(null)} />}
    </>
  );
}
