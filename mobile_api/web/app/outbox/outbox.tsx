/** The outbox: each act of this person with its fate; the newest can be taken back while it was never sent. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { hasScreen } from "../../shell/claimed.ts";
import { tell } from "../../shell/entering.ts";
import { ago, moment } from "../../shell/format.ts";
import { Icon, type IconName } from "../../shell/icons.tsx";
import { customerName } from "../../shell/names.ts";
import { Empty, TopBar, Trouble } from "../../shell/parts.tsx";
import { online, phone, state, sync, trouble } from "../../shell/phone.ts";
import { title, told, type Told } from "../../shell/problems.ts";
import { features } from "../../shell/registry.ts";
import { href } from "../../shell/router.ts";
import { say as shared } from "../../shell/texts.ts";
import { fieldWord } from "../../shell/words.ts";
import { lines, type Act, type Entry, type Fate, type Line } from "./look.ts";
import { say } from "./texts.ts";

const SHOWN_MAX = 200;
const TONES: Readonly<Record<Fate, string>> = {
  waiting: "wait",
  sent: "wait",
  beneath: "late",
  forked: "wait",
  applied: "good",
  merged: "good",
  duplicate: "",
  parked: "late",
  settled: "",
  rejected: "late",
};

const iconOf = ({ name }: Entry): IconName => (name === undefined ? "edit" : (features().kinds[name]?.icon ?? "edit"));
const nameOf = ({ customer }: Entry): string => (customer === null ? "" : (customerName(customer) ?? ""));
const isHere = ({ customer }: Entry): boolean => customer !== null && hasScreen(customer);

async function takeBack({ firstN }: Act): Promise<Told | null> {
  try {
    const gone = await phone.takeBack(firstN);
    if (gone.length === 0) return { happened: say("sent_already"), means: say("sent_already_means"), next: say("sent_already_next") };
  } catch (error) {
    return told(error);
  }
  tell({ text: say("taken_back") });
  return null;
}

/** Why it was not taken, and the field in question. */
function Why({ entry }: { readonly entry: Entry }): JSX.Element | null {
  if (entry.code === null) return null;
  const why = title(entry.code);
  return (
    <>
      {why !== undefined && <p>{say("why", { why })}</p>}
      {entry.field !== null && <p>{say("field", { field: fieldWord(entry.mutation.entity, entry.field) })}</p>}
    </>
  );
}

function Inside({ act }: { readonly act: Act }): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const told = act.entries.find(({ fate }) => fate === act.fate)!;
  const customer = act.entries.find(isHere)?.customer ?? null;
  const card = act.fate === "parked" || act.fate === "rejected" || act.fate === "beneath";
  return (
    <div class="inside">
      <p>{say(`means_${act.fate}`)}</p>
      <Why entry={told} />
      <p>{say("when", { when: moment(act.atMs) })}</p>
      {act.entries.length > 1 && (
        <ul>
          {act.entries.map((entry) => (
            <li key={entry.n}>
              <Icon name={iconOf(entry)} />
              <span>{[entry.title, entry.line].filter(Boolean).join(" · ")}</span>
            </li>
          ))}
        </ul>
      )}
      {wrong !== null && <Trouble told={wrong} />}
      <div class="buttons">
        {act.mayGo && <button onClick={() => void takeBack(act).then(setWrong)}>{say("take_back")}</button>}
        {card && (
          <a class="button" href={href("inbox")}>
            {say("to_card")}
          </a>
        )}
        {customer !== null && (
          <a class="button" href={href(`customers/${customer}`)}>
            {say("open")}
          </a>
        )}
      </div>
    </div>
  );
}

function Row({ act }: { readonly act: Act }): JSX.Element {
  const first = act.entries[0]!;
  const name = nameOf(first);
  const line = first.line.startsWith(name) ? first.line : [name, first.line].filter(Boolean).join(" · ");
  const title = act.entries.length > 1 ? say("together", { what: first.title, n: act.entries.length }) : first.title;
  return (
    <details class="act" data-fate={act.fate}>
      <summary class="row">
        <Icon name={iconOf(first)} />
        <span class="grow">
          <b>{title}</b>
          <small>{line}</small>
        </span>
        <span class="fate">
          <span class={`chip ${TONES[act.fate]}`}>{say(act.fate)}</span>
          <small>{ago(act.atMs)}</small>
        </span>
      </summary>
      <Inside act={act} />
    </details>
  );
}

/** What was entered beneath a claim stands beneath it: it shares the fate of the claim. */
function Together({ line: { act, beneath } }: { readonly line: Line }): JSX.Element {
  if (beneath.length === 0) return <Row act={act} />;
  return (
    <section class="claimed">
      <Row act={act} />
      <p class="lead">{say(act.fate === "rejected" || act.fate === "parked" ? "beneath_lost" : "beneath_claim", { n: beneath.length })}</p>
      {beneath.map((one) => (
        <Row key={one.firstN} act={one} />
      ))}
    </section>
  );
}

export function Outbox(): JSX.Element {
  const all = lines();
  const busy = state.value === "syncing";
  return (
    <>
      <TopBar title={say("outbox")} before="me" />
      <main>
        {trouble.value !== null && !busy && <Trouble told={told(trouble.value)} calm={!online.value} />}
        {all.length > 0 && <p class="lead">{say("lead")}</p>}
        {all.length === 0 && <Empty icon="check">{say("empty")}</Empty>}
        {all.length > 0 && (
          <div class="card list">
            {all.slice(0, SHOWN_MAX).map((line) => (
              <Together key={line.act.firstN} line={line} />
            ))}
          </div>
        )}
        <button class="primary wide" disabled={busy} onClick={() => void sync(true)}>
          {busy ? shared("syncing") : online.value ? say("sync_now") : shared("try_now")}
        </button>
      </main>
    </>
  );
}
