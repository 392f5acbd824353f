/** What came, or would come, of a file: counts, faults by line and column, columns that are not known, values that people wrote. */

import type { JSX } from "preact";
import type { Id } from "../../client/src/index.ts";
import { count } from "../../shell/format.ts";
import { language } from "../../shell/language.ts";
import { word } from "../../shell/words.ts";
import { saveFile } from "../../shell/sheet.ts";
import { Table, type Column } from "../table.tsx";
import { say } from "./texts.ts";

const KEPT_SHOWN_MAX = 20;

interface Fault {
  readonly line: number;
  readonly column: string;
  readonly en: string;
  readonly zh: string;
}

interface Led {
  readonly line: number;
  readonly owner_id: Id | null;
  readonly pool_id: Id | null;
  readonly name: string;
}

export interface Report {
  readonly dry_run: boolean;
  readonly taken: number;
  readonly changed: number;
  readonly same: number;
  readonly wrong: number;
  readonly kept: readonly { readonly line: number; readonly groups: readonly string[] }[];
  /** Rows that go where the assignment rules send them. */
  readonly led: readonly Led[];
  readonly faults: readonly Fault[];
  readonly unknown: readonly string[];
  readonly examples: number;
  readonly sheets_left: number;
  /** The rows that were wrong, as a file of the same format, in base64url. */
  readonly rejected: string | null;
}

function bytesOf(base64url: string): Uint8Array {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** `customers.csv` → `customers.rejected.csv`. */
const rejectedName = (name: string): string => name.replace(/(\.\w+)?$/, ".rejected$1");

const columns = (): Column<Fault>[] => [
  { name: "line", word: say("line"), value: ({ line }) => line, width: 90 },
  { name: "column", word: say("column"), value: ({ column }) => column, width: 200 },
  { name: "reason", word: say("reason"), value: (fault) => fault[language.value] },
];

const goals = (): Column<Led>[] => [
  { name: "line", word: say("line"), value: ({ line }) => line, width: 90 },
  { name: "goal", word: say("goal"), value: ({ name }) => name, width: 260 },
  { name: "what", word: say("goal_kind"), value: ({ pool_id }) => say(pool_id === null ? "to_user" : "to_pool") },
];

export function Outcome({ report, name }: { readonly report: Report; readonly name: string }): JSX.Element {
  const counts = [
    ["taken", report.taken],
    ["changed", report.changed],
    ["same", report.same],
    ["kept", report.kept.length],
    ["wrong", report.wrong],
  ] as const;
  const { rejected } = report;
  return (
    <>
      <dl class="counts">
        {counts.map(([what, n]) => (
          <div class={`card count-${what}`} key={what} data-none={n === 0}>
            <dt>{say(what)}</dt>
            <dd>{count(n)}</dd>
          </div>
        ))}
      </dl>
      <Remarks report={report} />
      {rejected !== null && (
        <p class="rejected">
          <button onClick={() => saveFile(rejectedName(name), bytesOf(rejected), "application/octet-stream")}>{say("rejected")}</button>
          <small>{say("rejected_lead")}</small>
        </p>
      )}
      {report.led.length > 0 && (
        <section>
          <h2>{say(report.dry_run ? "would_lead" : "led")}</h2>
          <Table
            name="led"
            title={say("led")}
            columns={goals()}
            rows={report.led}
            keyed={({ line }) => String(line)}
            order={{ name: "line", down: false }}
            empty={say("no_faults")}
          />
        </section>
      )}
      {report.faults.length > 0 && (
        <section>
          <h2>{say("faults")}</h2>
          <Table
            name="faults"
            title={say("faults")}
            columns={columns()}
            rows={report.faults}
            keyed={({ line, column, en }) => `${line} ${column} ${en}`}
            order={{ name: "line", down: false }}
            empty={say("no_faults")}
          />
        </section>
      )}
    </>
  );
}

function Remarks({ report }: { readonly report: Report }): JSX.Element {
  return (
    <>
      {report.unknown.length > 0 && <p class="notice remark">{say("unknown", { names: report.unknown.join(", ") })}</p>}
      {report.kept.length > 0 && (
        <div class="notice remark">
          {say("kept_lead", { n: count(report.kept.length) })}
          <ul>
            {report.kept.slice(0, KEPT_SHOWN_MAX).map(({ line, groups }) => (
              <li key={line}>{say("kept_line", { line, groups: groups.map(word).join(", ") })}</li>
            ))}
          </ul>
        </div>
      )}
      {report.examples > 0 && <p class="lead">{say("examples", { n: count(report.examples) })}</p>}
      {report.sheets_left > 0 && <p class="lead">{say("sheets", { n: count(report.sheets_left) })}</p>}
    </>
  );
}
