/** The figures of the board: visits and devices from the server, the rest from what the desk holds. */

import { Verdict, type Event, type Id, type Person, type Visit } from "../../client/src/index.ts";
import { factsWithAmendments } from "../../client/src/agreed/amendments.ts";
import { dayOf } from "../../shell/format.ts";
import { all, phone, records } from "../../shell/phone.ts";
import { ask, pages } from "../../shell/rest.ts";
import { worthTelling } from "../happenings.tsx";
import { reports } from "../../shell/team.ts";

export const WEEK_DAYS = 7;
const DAY_MS = 86_400_000;
const FEED_MS = 2 * DAY_MS;
export const FEED_MAX = 60;

interface Device {
  readonly user_id: Id;
  readonly seen_ms: number;
}

export interface Week {
  /** What shows of each visit of the last seven days, newest first. */
  readonly visits: readonly Visit[];
  readonly seenMs: ReadonlyMap<Id, number>;
}

/** The first millisecond of the day so many days ago, by this device's calendar. */
function midnight(daysAgo = 0): number {
  const day = new Date();
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysAgo).getTime();
}

export async function askWeek(): Promise<Week> {
  const since = midnight(WEEK_DAYS - 1);
  const [visits, devices] = await Promise.all([pages<Visit>(`/v1/desk/visits?since_ms=${since}`), pages<Device>("/v1/desk/devices")]);
  const seenMs = new Map<Id, number>();
  for (const { user_id, seen_ms } of devices) seenMs.set(user_id, Math.max(seen_ms, seenMs.get(user_id) ?? 0));
  const shown = factsWithAmendments(visits).map((fact) => fact.shown);
  return { visits: shown.filter((visit) => visit.occurred_ms >= since && !visit.withdrawn), seenMs };
}

/** The moment of the last event for which there was room: what is older need not be asked for again. */
let oldestMs = 0;

export async function askFeed(): Promise<readonly Event[]> {
  const since = Math.max(Date.now() - FEED_MS, oldestMs);
  const told = await ask<{ readonly items: readonly Event[] }>(`/v1/desk/timeline?since_ms=${since}`);
  const worth = told.items.filter(worthTelling);
  oldestMs = worth[FEED_MAX - 1]?.at_ms ?? 0;
  return worth;
}

export interface Row {
  readonly person: Person;
  readonly customers: number;
  /** Null, as the week: only the server knows, and it was not heard yet. */
  readonly today: number | null;
  readonly verified: number;
  /** Of each of the last seven days, today last. */
  readonly week: readonly number[] | null;
  readonly overdue: number;
  readonly cards: number;
  readonly seenMs: number | null;
}

function counted<T>(items: Iterable<T>, key: (item: T) => Id | null | undefined): ReadonlyMap<Id, number> {
  const found = new Map<Id, number>();
  for (const item of items) {
    const id = key(item);
    if (id !== null && id !== undefined) found.set(id, (found.get(id) ?? 0) + 1);
  }
  return found;
}

/** Follow-ups that are not done and whose day is over. */
export function overdue(): readonly { readonly author_id: Id | null; readonly customer_id: Id; readonly due_day: number }[] {
  const today = dayOf(Date.now());
  return all("follow_up").filter(({ done, due_day }) => !done && due_day < today);
}

export function rows(week: Week | null): Row[] {
  void records.value;
  const owned = counted(all("standing"), ({ owner_id }) => owner_id);
  const late = counted(overdue(), ({ author_id }) => author_id);
  const cards = counted(
    phone.inbox().filter(({ state }) => state === 1),
    ({ holder_id }) => holder_id,
  );
  const today = dayOf(Date.now());
  return reports().map((person) => {
    const mine = week?.visits.filter(({ author_id }) => author_id === person.id) ?? [];
    const days = Array.from({ length: WEEK_DAYS }, () => 0);
    for (const visit of mine) days[WEEK_DAYS - 1 - (today - dayOf(visit.occurred_ms))]! += 1;
    const todays = mine.filter(({ occurred_ms }) => dayOf(occurred_ms) === today);
    return {
      person,
      customers: owned.get(person.id) ?? 0,
      today: week === null ? null : todays.length,
      verified: todays.filter(({ verdict }) => verdict === Verdict.verified).length,
      week: week === null ? null : days,
      overdue: late.get(person.id) ?? 0,
      cards: cards.get(person.id) ?? 0,
      seenMs: week?.seenMs.get(person.id) ?? null,
    };
  });
}
