/** The versions of the reclaim rule as the desk holds them, and the terms of a draft. */

import { Problem, type Id, type ReclaimRule } from "../../client/src/index.ts";
import { localDay } from "../../client/src/agreed/days.ts";
import { noticeDays } from "../../client/src/agreed/reclaim.ts";
import { count } from "../../shell/format.ts";
import type { Written } from "../../shell/form.tsx";
import { all } from "../../shell/phone.ts";
import { told } from "../../shell/problems.ts";
import { say } from "./texts.ts";

export const TIERS = ["a", "b", "c", "unknown"] as const;
export const BASES = [1, 2, 3] as const;
export const EXEMPT = ["extended", "locked", "quote"] as const;

/** What a version says, as the server takes it. */
export interface Terms {
  readonly effective_from_day: number;
  readonly pool_id: Id | null;
  /** Each customer into the pool that fits it; `pool_id` takes the rest (D-196). */
  readonly pool_by_fit: boolean;
  readonly basis: number;
  readonly a_days: number;
  readonly b_days: number;
  readonly c_days: number;
  readonly unknown_days: number;
  readonly grace_days: number;
  readonly warn_days: readonly number[];
  readonly min_warning_hours: number;
  readonly exempt: readonly string[];
  readonly contest_days: number;
  readonly contests_monthly: number;
}

/** Why a draft is refused; `field` null: for a reason of no field. */
export interface Wrong {
  readonly field: string | null;
  readonly words: string;
}

/** Of the reclaim rule, or of the tier policy. */
type Version = Pick<ReclaimRule, "id" | "version" | "effective_from_day">;

export type State = "in_force" | "to_come" | "past" | "replaced";

/** Today by the organisation's calendar, in which versions begin. */
export const organisationToday = (): number => localDay(Date.now(), all("organisation")[0]?.time_zone ?? "UTC");

/** All versions, the newest first. */
export const versions = (): ReclaimRule[] => [...all("reclaim_rule")].sort((left, right) => right.version - left.version);

/** That of the highest version whose day has come (D-141). */
export function inForce<V extends Version>(rules: readonly V[], today: number): V | null {
  return rules.find(({ effective_from_day }) => effective_from_day <= today) ?? null;
}

/** `replaced`: a later version began before the day of this one, or on it. */
export function stateOf<V extends Version>(rule: V, rules: readonly V[], today: number): State {
  if (inForce(rules, today)?.id === rule.id) return "in_force";
  const overtaken = rules.some(
    ({ version, effective_from_day }) => version > rule.version && effective_from_day <= rule.effective_from_day,
  );
  return overtaken ? "replaced" : rule.effective_from_day > today ? "to_come" : "past";
}

export const basisWord = (basis: number): string => say(basis === 2 ? "basis_2" : basis === 3 ? "basis_3" : "basis_1");

export const exemptWord = (name: string): string => (EXEMPT.includes(name as "quote") ? say(name as "quote") : name);

export const poolName = (id: Id | null): string =>
  id === null ? say("nobody_falls") : (all("pool").find((pool) => pool.id === id)?.name ?? "…");

export const goalWords = ({ pool_id, pool_by_fit }: Pick<Terms, "pool_id" | "pool_by_fit">): string =>
  pool_by_fit ? say("fit_else", { name: poolName(pool_id) }) : poolName(pool_id);

export const daysWords = (rule: Terms): string => TIERS.map((tier) => count(rule[`${tier}_days`])).join(" / ");

const USUAL = {
  ...{ pool_id: null, pool_by_fit: false, basis: 1, a_days: 30, b_days: 60, c_days: 90, unknown_days: 90, grace_days: 0 },
  ...{ warn_days: [7, 3, 1], min_warning_hours: 24, exempt: [...EXEMPT], contest_days: 14, contests_monthly: 5 },
};

/** The terms of a version, or usual ones, from another day on. What a newer server adds to a version goes into the next one as it is. */
export function termsFrom(rule: ReclaimRule | null, day: number): Terms {
  if (rule === null) return { effective_from_day: day, ...USUAL };
  const { id: _id, rev: _rev, version: _version, made_by_id: _by, made_ms: _ms, ...terms } = rule;
  return { ...terms, effective_from_day: day };
}

const NUMBERS = [
  "a_days",
  "b_days",
  "c_days",
  "unknown_days",
  "grace_days",
  "min_warning_hours",
  "contest_days",
  "contests_monthly",
] as const;

/** What stands in the form that began with these terms; or which field holds no such value. */
export function termsIn(written: Written, begun: Terms): Terms | Wrong {
  const found: Partial<Record<(typeof NUMBERS)[number], number>> = {};
  for (const name of NUMBERS) {
    const number = written.decimal(name, 0);
    if (number === null) return { field: name, words: say("no_number") };
    found[name] = number;
  }
  const parts = written.text("warn_days").normalize("NFKC").split(/[,;、\s]+/).filter(Boolean); // prettier-ignore
  if (parts.some((part) => !/^\d{1,4}$/.test(part))) return { field: "warn_days", words: say("no_numbers") };
  const day = written.day("effective_from_day");
  const [pool_id, pool_by_fit] = [written.text("pool_id") || null, written.number("pool_by_fit") === 1];
  if (pool_by_fit && pool_id === null) return { field: "pool_id", words: say("fit_needs_pool") };
  if (day === null) return { field: "effective_from_day", words: say("too_early") };
  return {
    ...begun,
    ...(found as Record<(typeof NUMBERS)[number], number>),
    effective_from_day: day,
    ...{ pool_id, pool_by_fit },
    basis: written.number("basis"),
    warn_days: parts.map(Number),
    exempt: written.all("exempt"),
  };
}

export const isWrong = (found: object): found is Wrong => "words" in found;

/** The server's refusal at its field, in the reader's words. */
export function wrongOf(error: unknown, terms: Terms): Wrong {
  const { happened, means, next } = told(error);
  const general = { field: null, words: [happened, means, next].filter(Boolean).join(" ") };
  if (!(error instanceof Problem) || error.field === null) return general;
  const field = error.field.replace(/^\$?\.?/, "").replace(/[[.].*$/, "");
  if (!(field in terms)) return general;
  if (error.code !== "rule_broken" && error.code !== "not_found") return { field, words: say("out_of_range") };
  if (field === "pool_id") return { field, words: say("no_pool") };
  if (field === "effective_from_day") return { field, words: say("too_early") };
  if (field === "warn_days") return { field, words: say("at_first", { n: noticeDays(terms) }) };
  if (NUMBERS.slice(0, 4).includes(field as "a_days") && terms[field as "a_days"] === 0) return { field, words: say("no_policy") };
  return { field, words: field.endsWith("_days") && field !== "contest_days" ? say("at_least", { n: noticeDays(terms) }) : happened };
}
