/** The stops of a rep's day, each with its reasons and its weight, from what the phone holds alone (D-450 to D-453). */

import {
  InstructionState,
  Priority,
  type Collaborator,
  type FollowUp,
  type Id,
  type Instruction,
  type Standing,
} from "../generated/schema.ts";

const DAY_MS = 86_400_000;
const PLANNED_MAX = 50;
/** Customers whose cadence alone asks for them fill a day up to so many stops. */
const DAY_STOPS = 12;
const SOON_DAYS = 7;
const WEIGHT_MAX = 100;
const OVERDUE_MAX = 10;
const CADENCE_WEIGHT = 5;
const NOWHERE_MM = Number.MAX_SAFE_INTEGER;

/** Why a stop belongs to the day. */
export const ReasonKind = { unknown: 0, instruction: 1, fall: 2, follow_up: 3, cadence: 4 } as const;
export type ReasonKind = (typeof ReasonKind)[keyof typeof ReasonKind];

/**
 * Of a customer that may fall into a pool: days left; whether a touch moves the day; whether something keeps it of which nobody knows the
 * end.
 */
export interface Fall {
  readonly days: number;
  readonly moves: boolean;
  readonly kept: boolean;
}

/**
 * What the phone knows. `day`: today by the phone's calendar; `begins_ms`: when it began. By customer, `last_ms`: the last contact that
 * the phone knows of; `visited_ms`, `contacted_ms`: of today, by this user, the last visit, and the last visit or logged contact. `far_mm`:
 * how far a customer is from the start. `left_out`: stops that the user leaves out today.
 */
export interface Known {
  readonly user_id: Id;
  readonly now_ms: number;
  readonly day: number;
  readonly begins_ms: number;
  /** In the order of `Tier`. */
  readonly cadence_days: readonly number[];
  readonly follow_up_by_visit: boolean;
  readonly standings: readonly Standing[];
  readonly collaborators: readonly Collaborator[];
  readonly follow_ups: readonly FollowUp[];
  readonly instructions: readonly Instruction[];
  readonly last_ms: ReadonlyMap<Id, number>;
  readonly visited_ms: ReadonlyMap<Id, number>;
  readonly contacted_ms: ReadonlyMap<Id, number>;
  readonly falls: ReadonlyMap<Id, Fall>;
  readonly far_mm: ReadonlyMap<Id, number>;
  readonly left_out: readonly Id[];
}

/**
 * `days`: overdue, left until the fall, or since the last contact; of an instruction 0. `record_id`: the follow-up, the instruction, else
 * the customer.
 */
export interface Reason {
  readonly kind: ReasonKind;
  readonly record_id: Id;
  readonly days: number;
  readonly weight: number;
}

/** A stop: a customer, or (`customer_id` null) the place of an instruction, whose id it has. `until_ms`: a deadline of today. */
export interface Planned {
  readonly id: Id;
  readonly customer_id: Id | null;
  readonly weight: number;
  readonly until_ms: number | null;
  readonly reasons: readonly Reason[];
}

type Own = ReadonlyMap<Id, Standing>;
type Because = readonly [customer: Id | null, reason: Reason, untilMs: number | null];

/** The stops of today, those first that press most; at most PLANNED_MAX. */
export function dayPlan(known: Known): Planned[] {
  const { standings, user_id, left_out, visited_ms } = known;
  const own: Own = new Map(standings.filter(({ owner_id }) => owner_id === user_id).map((one) => [one.id, one]));
  const found = new Map<Id, Because[]>();
  for (const one of [...instructions(known), ...falls(known, own), ...followUps(known, own)]) {
    const stop = one[0] ?? one[1].record_id;
    found.set(stop, [...(found.get(stop) ?? []), one]);
  }
  for (const stop of left_out) found.delete(stop);
  let room = DAY_STOPS - new Set([...found.keys(), ...visited_ms.keys(), ...left_out]).size;
  for (const one of idle(known, own)) {
    const stop = one[1].record_id;
    const known = found.get(stop);
    if (left_out.includes(stop) || (known === undefined && room <= 0)) continue;
    if (known === undefined) room -= 1;
    found.set(stop, [...(known ?? []), one]);
  }
  return [...found]
    .map(([stop, because]) => planned(stop, because))
    .sort((left, right) => right.weight - left.weight || (left.id < right.id ? -1 : 1))
    .slice(0, PLANNED_MAX);
}

function planned(id: Id, because: readonly Because[]): Planned {
  const reasons = because.map(([, reason]) => reason);
  const untils = because.flatMap(([, , until]) => (until === null ? [] : [until]));
  const weight = Math.min(
    WEIGHT_MAX,
    reasons.reduce((sum, reason) => sum + reason.weight, 0),
  );
  return { id, customer_id: because[0]![0], weight, until_ms: untils.length > 0 ? Math.min(...untils) : null, reasons };
}

/** Those that are open, and at a customer or a place; at a customer visited today only those given since. */
function instructions({ instructions, user_id, visited_ms, begins_ms, now_ms }: Known): Because[] {
  return instructions.flatMap(({ id, rep_id, state, customer_id, place, wgs_latitude_e6, sent_ms, due_ms: due, priority }) => {
    const hasPlace = place !== "" || wgs_latitude_e6 !== null;
    if (rep_id !== user_id || state >= InstructionState.declined || (customer_id === null && !hasPlace)) return [];
    if (customer_id !== null && sent_ms <= (visited_ms.get(customer_id) ?? -1)) return [];
    const dueMs = due !== null && due < begins_ms + DAY_MS ? due : null;
    const weight = (dueMs === null ? 10 : dueMs <= now_ms ? 40 : 30) + (priority === Priority.urgent ? 20 : 0);
    const reason = { kind: ReasonKind.instruction, record_id: id, days: 0, weight };
    return [[customer_id, reason, dueMs !== null && dueMs > now_ms ? dueMs : null] as const];
  });
}

/** Own customers that fall soon, and that a touch keeps. */
function falls({ falls, visited_ms }: Known, own: Own): Because[] {
  return [...falls].flatMap(([id, { days, moves, kept }]) =>
    own.has(id) && !visited_ms.has(id) && days <= SOON_DAYS && moves && !kept
      ? [[id, { kind: ReasonKind.fall, record_id: id, days, weight: 50 - 5 * days }, null] as const]
      : [],
  );
}

/** Those of today and before that are the user's to do (D-923), and that no contact of today completes (D-924). */
function followUps(known: Known, own: Own): Because[] {
  const { user_id, day, now_ms, visited_ms, contacted_ms } = known;
  const live = known.collaborators.filter(({ until_ms }) => until_ms === null || until_ms > now_ms);
  const shared = new Set(live.map(({ customer_id, user_id }) => `${customer_id} ${user_id}`));
  const standing = new Set(known.standings.map(({ id }) => id));
  return known.follow_ups.flatMap(({ id, rev, customer_id, author_id, due_day, done }) => {
    if (done || due_day > day || visited_ms.has(customer_id)) return [];
    if (known.follow_up_by_visit && contacted_ms.has(customer_id)) return [];
    const author = rev === 0 ? user_id : author_id;
    const isOwn = own.has(customer_id) || !standing.has(customer_id);
    const isShared = shared.has(`${customer_id} ${author}`);
    if (author === user_id ? !isOwn && !isShared : !isOwn || isShared) return [];
    const days = day - due_day;
    const weight = 20 + 2 * Math.min(days, OVERDUE_MAX);
    return [[customer_id, { kind: ReasonKind.follow_up, record_id: id, days, weight }, null] as const];
  });
}

/** Own customers with whom nobody has been in touch for the cadence of their tier, the nearest first, then the longest. */
function idle({ last_ms, begins_ms, cadence_days, visited_ms, far_mm }: Known, own: Own): Because[] {
  const found: [far: number, days: number, id: Id][] = [];
  for (const { id, owned_since_ms, tier } of own.values()) {
    const days = 0 - Math.floor((Math.max(last_ms.get(id) ?? 0, owned_since_ms) - begins_ms) / DAY_MS);
    if (days >= (cadence_days[tier] ?? cadence_days[0]!) && !visited_ms.has(id)) found.push([far_mm.get(id) ?? NOWHERE_MM, days, id]);
  }
  found.sort((one, other) => one[0] - other[0] || other[1] - one[1] || (one[2] < other[2] ? -1 : 1));
  return found.map(([, days, id]) => [id, { kind: ReasonKind.cadence, record_id: id, days, weight: CADENCE_WEIGHT }, null]);
}
