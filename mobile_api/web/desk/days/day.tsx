/** A rep's day at the desk: in order, with verdicts, distances, what is odd, and the gaps; and the way on a plane. */

import type { JSX } from "preact";
import { byRoadMm, Verdict, type Id, type Visit, type ContactLog } from "../../client/src/index.ts";
import { ago, clock, dayWord, distance, hue } from "../../shell/format.ts";
import { today } from "../../shell/form.tsx";
import { Icon } from "../../shell/icons.tsx";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { records } from "../../shell/phone.ts";
import { go, href } from "../../shell/router.ts";
import { entityNumber, idWords, personName, valueWords, word } from "../../shell/words.ts";
import { Heard, useLive } from "../heard.tsx";
import { Plane, type Spot } from "../plane.tsx";
import { reports } from "../../shell/team.ts";
import { askDay, endOf, isCorrected, LATE_MS, missed, reasonsOf, type Step } from "./look.ts";
import { Paper } from "./paper.tsx";
import { deletedWords, say } from "./texts.ts";

const DAY_MS = 86_400_000;
const MISSED_MAX = 20;
const GAP_MS = 5_400_000;

const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

function timeWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? say("minutes", { n: minutes }) : say("hours", { h: Math.floor(minutes / 60), n: minutes % 60 });
}

/** `rep` and `day` as the address names them; without them the first rep, today. */
export function Day({ rep, day }: { readonly rep: Id | undefined; readonly day: string | undefined }): JSX.Element {
  void records.value;
  const people = reports();
  const chosen = rep ?? people[0]?.id;
  const parsed = day === undefined ? NaN : Date.parse(`${day}T00:00:00Z`);
  const shownDay = Number.isNaN(parsed) ? today() : Math.floor(parsed / DAY_MS);
  const to = (who: Id, on: number): void => go(`days/${who}/${dayText(on)}`, true);
  if (chosen === undefined)
    return (
      <>
        <TopBar title={say("days")} />
        <Empty icon="me">{say("no_team")}</Empty>
      </>
    );
  return (
    <>
      <TopBar title={say("days")} />
      <main>
        <div class="selects one-day">
          <select aria-label={say("rep")} value={chosen} onChange={(event) => to(event.currentTarget.value, shownDay)}>
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          <button class="small" aria-label={say("before")} onClick={() => to(chosen, shownDay - 1)}>
            ‹
          </button>
          <input
            type="date"
            aria-label={say("day")}
            value={dayText(shownDay)}
            max={dayText(today())}
            onChange={(event) => event.currentTarget.value !== "" && go(`days/${chosen}/${event.currentTarget.value}`, true)}
          />
          <button class="small" aria-label={say("after")} disabled={shownDay >= today()} onClick={() => to(chosen, shownDay + 1)}>
            ›
          </button>
        </div>
        <OneDay rep={chosen} day={shownDay} />
      </main>
    </>
  );
}

function OneDay({ rep, day }: { readonly rep: Id; readonly day: number }): JSX.Element {
  const heard = useLive(() => askDay(rep, day), [rep, day]);
  const steps = heard.value ?? [];
  if (heard.value === null) return <Heard of={heard} />;
  return (
    <>
      <Heard of={heard} />
      <p class="lead" role="status">
        {sums(steps)}
      </p>
      {steps.length > 0 && <Paper title={`${personName(rep)} ${dayText(day)}`} steps={steps} />}
      {steps.length === 0 ? (
        <Empty icon="calendar">{say("nothing")}</Empty>
      ) : (
        <div class="side-by-side day">
          <section>
            <h2>{say("way")}</h2>
            <Way steps={steps} rep={rep} />
          </section>
          <section>
            <h2>{say("order")}</h2>
            <ol class="card steps">
              {steps.map((step) => (
                <Line key={step.fact.first.id} step={step} />
              ))}
            </ol>
          </section>
        </div>
      )}
      <Missed rep={rep} day={day} steps={steps} />
    </>
  );
}

/** What was due by the end of the day and is open still. */
function Missed({ rep, day, steps }: { readonly rep: Id; readonly day: number; readonly steps: readonly Step[] }): JSX.Element | null {
  const found = missed(rep, day, steps);
  if (found.length === 0) return null;
  return (
    <section>
      <h2>{say("missed")}</h2>
      <div class="card list missed">
        {found.slice(0, MISSED_MAX).map(({ id, due_day: due, customer_id, purpose }) => (
          <a class="row" key={id} href={href(`customers/${customer_id}`)}>
            <span class={due < day ? "chip hot" : "chip"}>{dayWord(due)}</span>
            <span class="grow">
              <b>{idWords("customer_id", customer_id)}</b>
              <small>{purpose}</small>
            </span>
          </a>
        ))}
        {found.length > MISSED_MAX && <p class="row">{say("more", { n: found.length - MISSED_MAX })}</p>}
      </div>
    </section>
  );
}

function sums(steps: readonly Step[]): string {
  const visits = steps.filter(({ isVisit, fact }) => isVisit && !fact.shown.withdrawn);
  const facts = { visits: visits.length, talks: steps.filter(({ isVisit }) => !isVisit).length };
  if (steps.length === 0 || visits.length === 0) return say("sums_none", facts);
  const wayMm = steps.reduce((sum, step) => sum + (step.wayMm ?? 0), 0);
  const verified = visits.filter(({ fact }) => (fact.first as Visit).verdict === Verdict.verified).length;
  const [from, to] = [steps[0]!, steps.at(-1)!].map(({ fact }) => clock(fact.first.occurred_ms));
  return say("sums", { ...facts, verified, road: distance(byRoadMm(wayMm)), from: from!, to: to! });
}

function Way({ steps, rep }: { readonly steps: readonly Step[]; readonly rep: Id }): JSX.Element {
  const placed = steps.filter(({ at }) => at !== null);
  if (placed.length === 0)
    return (
      <div class="card">
        <Empty icon="pin">{say("no_way")}</Empty>
      </div>
    );
  const tone = hue(personName(rep));
  const spots: Spot[] = placed.map(({ at, fact, number }) => ({
    ...at!,
    key: fact.first.customer_id,
    title: `${clock(fact.first.occurred_ms)} ${idWords("customer_id", fact.first.customer_id)}`,
    hue: tone,
    mark: String(number),
    hollow: (fact.first as Visit).verdict !== Verdict.verified,
  }));
  return <Plane label={say("way")} spots={spots} way={placed.map(({ at }) => at!)} onPick={(id) => go(`customers/${id}`)} />;
}

const TONES: Readonly<Record<number, string>> = {
  [Verdict.verified]: "good",
  [Verdict.probable]: "wait",
  [Verdict.out_of_range]: "hot",
  [Verdict.unverified]: "",
};

/** Verdict and reasons as the visit was judged; how long the rep stayed, by the version that says when it ended. */
function Proof({ fact, stayedMs }: Pick<Step, "fact" | "stayedMs">): JSX.Element {
  const [visit, ended] = [fact.first as Visit, endOf(fact)];
  const facts = [
    deletedWords(visit),
    visit.distance_mm === null ? "" : say("away", { way: distance(visit.distance_mm) }),
    visit.accuracy_mm === null ? "" : say("accuracy", { way: distance(visit.accuracy_mm) }),
    stayedMs === null ? "" : say("stayed", { time: timeWords(stayedMs) }),
    ended === null || ended.moved_mm === null ? "" : say("moved", { way: distance(ended.moved_mm) }),
  ];
  return (
    <>
      <span class={`chip ${TONES[visit.verdict] ?? ""}`}>{valueWords(entityNumber("visit"), "verdict", visit.verdict)}</span>
      {reasonsOf(fact).map((name) => (
        <span key={name} class="chip hot">
          {word(name)}
        </span>
      ))}
      <small>{facts.filter(Boolean).join(" · ")}</small>
    </>
  );
}

function Line({ step: { fact, isVisit, number, stayedMs, gapMs, wayMm } }: { readonly step: Step }): JSX.Element {
  const { first, shown } = fact;
  const customer = idWords("customer_id", first.customer_id);
  const channel = isVisit ? "" : valueWords(entityNumber("contact_log"), "channel", (shown as ContactLog).channel);
  return (
    <>
      {gapMs !== null && (
        <li class={gapMs > GAP_MS ? "gap long" : "gap"}>
          <small>
            {wayMm === null
              ? say("gap", { time: timeWords(gapMs) })
              : say("gap_way", { time: timeWords(gapMs), way: distance(wayMm), road: distance(byRoadMm(wayMm)) })}
          </small>
        </li>
      )}
      <li class={shown.withdrawn ? "step withdrawn" : "step"}>
        <span class="when">
          <b>{clock(first.occurred_ms)}</b>
          {number !== null ? <i class="number">{number}</i> : <Icon name="talk" />}
        </span>
        <div class="grow">
          <a href={href(`customers/${first.customer_id}`)}>
            <b>{customer}</b>
          </a>
          <p class="proof">
            {isVisit ? <Proof fact={fact} stayedMs={stayedMs} /> : <span class="chip">{channel}</span>}
            {first.late && <span class="chip wait">{say("late")}</span>}
            {isCorrected(fact) && <span class="chip">{say(shown.withdrawn ? "withdrawn" : "corrected")}</span>}
          </p>
          {isVisit && (shown as Visit).purpose !== "" && <p>{(shown as Visit).purpose}</p>}
          {shown.note !== "" && <p class="note">{shown.note}</p>}
          {first.received_ms - first.occurred_ms > LATE_MS && <small>{say("received", { when: ago(first.received_ms) })}</small>}
        </div>
      </li>
    </>
  );
}
