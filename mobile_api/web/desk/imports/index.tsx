/** Importing a file: template, dry run, what is wrong with it, and the real run (admin). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Problem } from "../../client/src/index.ts";
import type { Feature } from "../../shell/feature.ts";
import { count } from "../../shell/format.ts";
import { language } from "../../shell/language.ts";
import { TopBar, Trouble } from "../../shell/parts.tsx";
import { phone } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { saveFile } from "../../shell/sheet.ts";
import { capital } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { Outcome, type Report } from "./report.tsx";
import { may } from "../may.ts";
import { KINDS, type Kind } from "./kinds.ts";
import { say } from "./texts.ts";

const offered = (): readonly Kind[] => KINDS.filter((one) => may(`POST /v1/desk/imports/${one}`));
const FORMATS = ["xlsx", "csv"] as const;
const ANY_FILE = "application/octet-stream";
const BYTES_MAX = 4 * 1024 * 1024;

interface Run {
  readonly file: File;
  readonly dry: boolean;
  readonly report: Report | null;
}

/** A file that cannot be read, or lacks a column, says why in both languages, the Chinese behind the English: the reader's own is shown. */
function why(error: unknown): Told {
  const known = told(error);
  if (!(error instanceof Problem && error.code === "rule_broken")) return known;
  const both = /^(.+) \((.+)\)$/.exec(error.message);
  if (both === null) return { ...known, means: error.message };
  return { ...known, happened: capital(both[language.value === "zh" ? 2 : 1]!), means: say("none_imported") };
}

async function run(kind: Kind, file: File, dry: boolean): Promise<Report> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const path = `/v1/desk/imports/${kind}?dry_run=${dry ? 1 : 0}&language=${language.value}`;
  return (await phone.session.transport.upload(path, bytes, ANY_FILE)) as Report;
}

function Imports(): JSX.Element {
  const [kind, setKind] = useState<Kind>(() => (may("POST /v1/desk/imports/customers") ? "customers" : "order_lines"));
  const [now, setNow] = useState<Run | null>(null);
  const [wrong, setWrong] = useState<Told | null>(null);
  const choose = (one: Kind): void => {
    setKind(one);
    setNow(null);
    setWrong(null);
  };
  const start = (file: File, dry: boolean): void => {
    setWrong(null);
    if (file.size > BYTES_MAX) {
      setWrong({ happened: say("too_large"), means: say("too_large_means"), next: say("too_large_next") });
      return;
    }
    setNow({ file, dry, report: null });
    run(kind, file, dry).then(
      (report) => setNow({ file, dry, report }),
      (error: unknown) => {
        setNow(null);
        setWrong(why(error));
      },
    );
  };
  return (
    <>
      <TopBar title={say("imports")} />
      <main class="imports">
        <p class="lead">{say("lead")}</p>
        <Choice kind={kind} onChoose={choose} />
        <Templates kind={kind} onWrong={setWrong} />
        {wrong !== null && <Trouble told={wrong} />}
        {now === null ? (
          <Drop onFile={(file) => start(file, true)} />
        ) : (
          <Shown now={now} onGo={() => start(now.file, false)} onAgain={() => setNow(null)} />
        )}
      </main>
    </>
  );
}

function Choice({ kind, onChoose }: { readonly kind: Kind; readonly onChoose: (kind: Kind) => void }): JSX.Element {
  return (
    <fieldset class="field choices">
      <legend>{say("kind")}</legend>
      {offered().map((one) => (
        <label key={one}>
          <input type="radio" name="kind" checked={one === kind} onChange={() => onChoose(one)} />
          <span>{say(one)}</span>
        </label>
      ))}
      <small>{say("order")}</small>
    </fieldset>
  );
}

function Templates({ kind, onWrong }: { readonly kind: Kind; readonly onWrong: (told: Told | null) => void }): JSX.Element {
  const download = (format: string): void => {
    const path = `/v1/desk/imports/${kind}/template?format=${format}&language=${language.value}`;
    phone.session.transport.written(path).then(
      (bytes) => saveFile(`${kind}.${format}`, bytes, ANY_FILE),
      (error: unknown) => onWrong(told(error)),
    );
  };
  return (
    <div class="templates">
      {FORMATS.map((format) => (
        <button key={format} class="small" {...needsServer()} onClick={() => download(format)}>
          {say("template")} .{format}
        </button>
      ))}
    </div>
  );
}

function Drop({ onFile }: { readonly onFile: (file: File) => void }): JSX.Element {
  const [over, setOver] = useState(false);
  const taken = (files: FileList | null | undefined): void => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <label
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        taken(event.dataTransfer?.files);
      }}
    >
      <b>{say("drop")}</b>
      <small>{say("drop_hint")}</small>
      <input
        type="file"
        {...needsServer()}
        aria-label={say("file")}
        accept=".xlsx,.csv,.jsonl,.ndjson"
        onChange={(event) => taken(event.currentTarget.files)}
      />
    </label>
  );
}

interface ShownGiven {
  readonly now: Run;
  readonly onGo: () => void;
  readonly onAgain: () => void;
}

function Shown({ now: { file, dry, report }, onGo, onAgain }: ShownGiven): JSX.Element {
  const { name } = file;
  if (report === null)
    return (
      <p class="lead" role="status">
        {say(dry ? "checking" : "importing", { name })}
      </p>
    );
  const n = report.taken + report.changed;
  return (
    <section aria-live="polite">
      <h2>{say(dry ? "checked" : "done", { name })}</h2>
      <Outcome report={report} name={name} />
      {dry && n === 0 && <p class="lead">{say("nothing")}</p>}
      <div class="buttons">
        <button onClick={onAgain}>{say("again")}</button>
        {dry && n > 0 && (
          <button class="primary" {...needsServer()} onClick={onGo}>
            {say(report.wrong > 0 ? "go_rest" : "go", { n: count(n) })}
          </button>
        )}
      </div>
    </section>
  );
}

export const IMPORTS: Feature = {
  screens: { imports: Imports },
  places: [{ order: 65, to: "imports", icon: "down", word: () => say("imports"), when: () => offered().length > 0 }],
};
