/** One day of one rep: visits and contacts in the order in which they happened, with what lies between. */

import {
  distanceMm,
  factsWithAmendments,
  knownPosition,
  type Amended,
  type ContactLog,
  type FollowUp,
  type Id,
  type Position,
  type Visit,
} from "../../client/src/index.ts";
import { reasons } from "../../client/src/geo/verify.ts";
import { all, one } from "../../shell/phone.ts";
import { pages } from "../../shell/rest.ts";

const DAY_MS = 86_400_000;
/** Entered so much later than it happened: worth a word. */
export const LATE_MS = 3_600_000;

export interface Step {
  readonly fact: Amended;
  readonly isVisit: boolean;
  readonly at: Position | null;
  /** Of the visits, from 1; null for a contact. */
  readonly number: number | null;
  /** How long the visit took, by its check-out; null without one. */
  readonly stayedMs: number | null;
  /** From the end of the step before, as far as a check-out tells it; null for the first. */
  readonly gapMs: number | null;
  /** From the place of the visit before. */
  readonly wayMm: number | null;
}

/** [first, after the last] millisecond of a day by this device's calendar. */
function boundsOf(day: number): readonly [fromMs: number, untilMs: number] {
  const at = new Date(day * DAY_MS);
  const local = (add: number): number => new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + add).getTime();
  return [local(0), local(1)];
}

/** Corrections say anew when a fact happened, by a clock that was set meanwhile: those of a day are asked for around it. */
async function asked<F extends Visit | ContactLog>(path: string, rep: Id, [fromMs, untilMs]: readonly [number, number]): Promise<F[]> {
  const found = await pages<F>(`/v1/desk/${path}?author_id=${rep}&since_ms=${fromMs - DAY_MS}&until_ms=${untilMs + DAY_MS}`);
  const first = (fact: F): boolean => fact.occurred_ms >= fromMs && fact.occurred_ms < untilMs;
  const days = new Set(found.filter((fact) => fact.amends_id === null && first(fact)).map(({ id }) => id));
  return found.filter((fact) => days.has(fact.amends_id ?? fact.id));
}

export async function askDay(rep: Id, day: number): Promise<readonly Step[]> {
  const bounds = boundsOf(day);
  const [visits, talks] = await Promise.all([asked<Visit>("visits", rep, bounds), asked<ContactLog>("contact-logs", rep, bounds)]);
  const isVisit = new Set<Amended>(factsWithAmendments(visits));
  const facts: Amended[] = [...isVisit, ...factsWithAmendments(talks)];
  facts.sort((left, right) => left.first.occurred_ms - right.first.occurred_ms);
  return steps(facts, (fact) => isVisit.has(fact));
}

/** The version of a visit that tells when it ended. */
export function endOf({ first, amendments }: Amended): Visit | null {
  return ([...amendments, first] as readonly Visit[]).find(({ left_ms }) => left_ms !== null) ?? null;
}

/** Both times are the device's: their difference is right however its clock stood. */
function stayed(fact: Amended): number | null {
  const ended = endOf(fact);
  return ended === null ? null : Math.max(0, ended.left_ms! - ended.device_ms);
}

/** Whether somebody corrected more than when the visit ended. */
export const isCorrected = ({ amendments }: Amended): boolean => amendments.some((one) => !("leaving" in one && one.leaving));

/** Reasons of a visit as it was judged, with what the check-out added: of the flags that it was short. */
export const reasonsOf = (fact: Amended): readonly string[] =>
  reasons({ ...(fact.first as Visit), flags: (fact.first as Visit).flags | (endOf(fact)?.flags ?? 0) });

/** Follow-ups of the rep's customers that were due by then, are open still, and whose customers nobody of the day's steps met. */
export function missed(rep: Id, day: number, met: readonly Step[]): readonly FollowUp[] {
  const seen = new Set(met.filter(({ fact }) => !fact.shown.withdrawn).map(({ fact }) => fact.first.customer_id));
  return all("follow_up")
    .filter(({ done, due_day, customer_id }) => !done && due_day <= day && !seen.has(customer_id))
    .filter(({ customer_id }) => one("standing", customer_id)?.owner_id === rep)
    .sort((left, right) => left.due_day - right.due_day || (left.id < right.id ? -1 : 1));
}

function steps(facts: readonly Amended[], isVisit: (fact: Amended) => boolean): Step[] {
  let [number, place, before]: [number, Position | null, number | null] = [0, null, null];
  return facts.map((fact) => {
    const visit = isVisit(fact) ? (fact.first as Visit) : null;
    const at = visit === null ? null : knownPosition(visit.datum, visit.latitude_e6, visit.longitude_e6);
    const wayMm = at === null || place === null ? null : distanceMm(place.latitude_e6, place.longitude_e6, at.latitude_e6, at.longitude_e6);
    const stayedMs = visit === null ? null : stayed(fact);
    const gapMs = before === null ? null : Math.max(0, fact.first.occurred_ms - before);
    place = at ?? place;
    before = Math.max(before ?? 0, fact.first.occurred_ms + (stayedMs ?? 0));
    return { fact, isVisit: visit !== null, at, number: visit === null ? null : ++number, stayedMs, gapMs, wayMm };
  });
}
