/** The day on which a customer that nobody touches falls into a pool, the same on the phone and on the server (D-141 to D-143, D-156). */

import {
  QuoteStatus,
  ReclaimBasis,
  Tier,
  type Id,
  type Quote,
  type ReclaimRule,
  type Standing,
  type TierPolicy,
} from "../generated/schema.ts";
import { localDay } from "./days.ts";
import { ofTier } from "./tiers.ts";

const DAY_MAX = 200_000;
/** Of a tier for which neither the rule nor a tier policy names days. */
const USUAL_DAYS = 90;

type Moment = (standing: Standing) => number | null;

/** Basis → the last moment that keeps a customer. */
const BASES: ReadonlyMap<ReclaimBasis, Moment> = new Map<ReclaimBasis, Moment>([
  [ReclaimBasis.contact, ({ last_contact_ms }) => last_contact_ms],
  [ReclaimBasis.visit, ({ last_visit_ms }) => last_visit_ms],
  [ReclaimBasis.held, () => null],
]);

/** Exemption whose end the standing names → that end; no due day comes before. */
const ENDS: ReadonlyMap<string, Moment> = new Map<string, Moment>([
  ["extended", ({ extended_until_ms }) => extended_until_ms],
  ["locked", ({ locked_until_ms }) => locked_until_ms],
]);

/** The exemption of a customer one of whose quotes awaits its decision. */
export const QUOTE = "quote";

/**
 * What a device knows beside the standing and the rule. `contact_ms`, `visit_ms`: the last contact and the last visit that this device
 * entered and the server has not answered; null: none. `waits`: the exemptions that hold now and whose end nobody knows. `policy`: the
 * tier policy in force.
 */
export interface Around {
  readonly now_ms: number;
  readonly time_zone: string;
  readonly contact_ms: number | null;
  readonly visit_ms: number | null;
  readonly waits: readonly string[];
  readonly policy: TierPolicy | null;
}

/**
 * Of a customer that its owner may lose. `days`: calendar days until `due_day`; 0: it may fall at any hour. `touched_day`: the due day if
 * a touch that counts came now, null: no touch moves it. `kept_by`: the exemption that holds now, empty: none; `kept_until_ms`: its end,
 * null: nobody knows. `judged_later`: a visit of this device counts after the server has judged it.
 */
export interface Countdown {
  readonly due_day: number;
  readonly days: number;
  readonly basis: ReclaimBasis;
  readonly touched_day: number | null;
  readonly kept_by: string;
  readonly kept_until_ms: number | null;
  readonly judged_later: boolean;
}

/** That of the highest version whose day has come; null: nobody falls (D-141). */
export function inForce(rules: readonly ReclaimRule[], day: number): ReclaimRule | null {
  let latest: ReclaimRule | null = null;
  for (const rule of rules) if (rule.effective_from_day <= day && rule.version > (latest?.version ?? 0)) latest = rule;
  return latest !== null && latest.pool_id !== null ? latest : null;
}

/** The moment from which the days count: the last touch, at the earliest when the owner got the customer (D-142). */
export function sinceMs(standing: Standing, basis: ReclaimBasis): number {
  return Math.max(standing.owned_since_ms, BASES.get(basis)?.(standing) ?? 0);
}

/** Whole days between the first warning and the fall, at least: a warning of any hour is old enough at midnight by then. */
export const noticeDays = ({ min_warning_hours }: Pick<ReclaimRule, "min_warning_hours">): number => Math.ceil(min_warning_hours / 24) + 1;

/**
 * The day of the organisation with whose beginning the customer falls under this version, if nobody touches it (D-142, D-143). Nobody may
 * contact a customer that is left alone: its days count from the end of that (D-133).
 */
export function dueDay(standing: Standing, rule: ReclaimRule, timeZone: string): number {
  const days = rule[slotOf(standing.tier)];
  const ends = rule.exempt.map((name) => ENDS.get(name)?.(standing) ?? 0).filter((until) => until > 0);
  const due = Math.max(
    localDay(sinceMs(standing, rule.basis), timeZone) + days,
    (standing.undisturbed_until_day ?? 0) + days,
    localDay(standing.owned_since_ms, timeZone) + rule.grace_days,
    rule.effective_from_day + noticeDays(rule),
    ...ends.map((until) => localDay(until - 1, timeZone) + 1),
  );
  return Math.min(DAY_MAX, due);
}

/** Where the rule names the days of a tier. */
function slotOf(tier: Tier): "a_days" | "b_days" | "c_days" | "unknown_days" {
  return tier === Tier.a ? "a_days" : tier === Tier.b ? "b_days" : tier === Tier.c ? "c_days" : "unknown_days";
}

/**
 * The rule as it counts for a tier: where it names no days (0), those of the tier policy, from the policy's day on (D-675). No policy gives
 * less time than a warning needs. The very same rule where it names days.
 */
export function byPolicy(rule: ReclaimRule, policy: TierPolicy | null, tier: Tier): ReclaimRule {
  const slot = slotOf(tier);
  if (rule[slot] > 0) return rule;
  const days = Math.max(noticeDays(rule), policy === null ? USUAL_DAYS : ofTier(policy.held_days, tier));
  return { ...rule, [slot]: days, effective_from_day: Math.max(rule.effective_from_day, policy?.effective_from_day ?? 0) };
}

/** Whether a quote of the customer awaits its decision: the exemption `quote` (D-143). */
export function awaitsDecision(quotes: readonly Quote[], customer: Id): boolean {
  return quotes.some(({ customer_id, status }) => customer_id === customer && status === QuoteStatus.submitted);
}

/** Of a customer with an owner; null: no version in force takes it, or one by a basis that this app does not know (D-156, D-157). */
export function countdown(standing: Standing, rules: readonly ReclaimRule[], around: Around): Countdown | null {
  const { now_ms, time_zone } = around;
  const today = localDay(now_ms, time_zone);
  const found = inForce(rules, today);
  if (standing.owner_id === null || found === null || !BASES.has(found.basis)) return null;
  const rule = byPolicy(found, around.policy, standing.tier);
  const known = contacted(standing, around.contact_ms);
  const touched = { ...contacted(known, now_ms), last_visit_ms: Math.max(known.last_visit_ms ?? 0, now_ms) };
  const due_day = dueDay(known, rule, time_zone);
  const [kept_by, kept_until_ms] = kept(known, rule, around);
  return {
    due_day,
    days: Math.max(0, due_day - today),
    basis: rule.basis,
    touched_day: rule.basis === ReclaimBasis.held ? null : dueDay(touched, rule, time_zone),
    kept_by,
    kept_until_ms,
    judged_later: rule.basis === ReclaimBasis.visit && (around.visit_ms ?? 0) > sinceMs(known, rule.basis),
  };
}

function contacted(standing: Standing, atMs: number | null): Standing {
  return atMs === null ? standing : { ...standing, last_contact_ms: Math.max(standing.last_contact_ms ?? 0, atMs) };
}

/** An exemption whose end nobody knows; else the one that ends last. */
function kept(standing: Standing, rule: ReclaimRule, { now_ms, waits }: Around): [name: string, untilMs: number | null] {
  const waiting = rule.exempt.find((name) => waits.includes(name));
  if (waiting !== undefined) return [waiting, null];
  let last: [string, number | null] = ["", null];
  for (const name of rule.exempt) {
    const until = ENDS.get(name)?.(standing) ?? 0;
    if (until > now_ms && (until > (last[1] ?? 0) || (until === last[1] && name > last[0]))) last = [name, until];
  }
  return last;
}
