/** Who would fall under a draft, page by page; how many on each day; and what differs from the rule in force. */

import { Problem, type Id } from "../../client/src/index.ts";
import { phone } from "../../shell/phone.ts";
import { give } from "../../shell/rest.ts";
import { inForce, organisationToday, termsFrom, versions, type Terms } from "./look.ts";

const PATH = "/v1/desk/reclaim/preview";
/** Of the server: so many customers are looked at for each page. */
const PAGE_CUSTOMERS = 1_000;
export const SPAN_DAYS = 90;

export interface Fall {
  readonly customer_id: Id;
  readonly name: string;
  readonly owner_id: Id;
  readonly tier: number;
  readonly due_day: number;
  readonly pool_id: Id;
  /** What keeps it meanwhile; empty: nothing. */
  readonly exempt: string;
}

interface Page {
  readonly items: readonly Fall[];
  readonly next: Id | null;
}

export interface Preview {
  readonly terms: Terms;
  /** Of the version that it becomes: the same request again makes no second one. */
  readonly id: Id;
  readonly today: number;
  readonly falls: readonly Fall[];
  /** By the rule in force; null: its pool takes no customer any more. */
  readonly before: readonly Fall[] | null;
}

export interface Progress {
  readonly seen: number;
  readonly falls: number;
}

/** Asked for all pages; `onPage` may throw to end it. Throws Problem, UnreachableError. */
async function fallsUnder(terms: Terms, onPage: (progress: Progress) => void): Promise<Fall[]> {
  const falls: Fall[] = [];
  let after: Id | null = null;
  for (let pages = 1; ; pages++) {
    const page: Page = await give<Page>(PATH, { ...terms, after });
    falls.push(...page.items);
    onPage({ seen: pages * PAGE_CUSTOMERS, falls: falls.length });
    if (page.next === null) return falls;
    after = page.next;
  }
}

/** A whole preview of exactly these terms. */
export async function previewOf(terms: Terms, onPage: (progress: Progress) => void): Promise<Preview> {
  const today = organisationToday();
  const falls = await fallsUnder(terms, onPage);
  return { terms, id: phone.newId(), today, falls, before: await fallsBefore(today, onPage) };
}

/** Under the rule in force, as if it began today: a draft begins today at the earliest. */
async function fallsBefore(today: number, onPage: (progress: Progress) => void): Promise<readonly Fall[] | null> {
  const rule = inForce(versions(), today);
  if (rule === null || rule.pool_id === null) return [];
  try {
    return await fallsUnder(termsFrom(rule, today), onPage);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** The days of one bar of the curve. `sum`: of all until its end; `kept`: those that something keeps meanwhile. */
export interface Bucket {
  readonly day: number;
  readonly days: number;
  readonly falls: number;
  readonly kept: number;
  readonly sum: number;
}

/** From today on, each day or each week of the span. */
export function buckets(falls: readonly Fall[], today: number, step: number): Bucket[] {
  const found: Bucket[] = [];
  for (let from = 0; from < SPAN_DAYS; from += step) {
    const days = Math.min(step, SPAN_DAYS - from);
    const inside = falls.filter(({ due_day }) => due_day >= today + from && due_day < today + from + days);
    const firm = inside.filter(({ exempt }) => exempt === "").length;
    found.push({ day: today + from, days, falls: firm, kept: inside.length - firm, sum: (found.at(-1)?.sum ?? 0) + firm });
  }
  return found;
}

export interface Counts {
  readonly inSpan: number;
  readonly laterThan: number;
  readonly kept: number;
}

export function countsOf({ falls, today }: Preview): Counts {
  const firm = falls.filter(({ exempt }) => exempt === "");
  const inSpan = firm.filter(({ due_day }) => due_day < today + SPAN_DAYS).length;
  return { inSpan, laterThan: firm.length - inSpan, kept: falls.length - firm.length };
}

export type Difference = "sooner" | "later" | "new_ones" | "gone" | "as_before";
export const DIFFERENCES: readonly Difference[] = ["sooner", "new_ones", "later", "gone", "as_before"];

/** How many of the customers fall on another day than by the rule in force. */
export function differences(falls: readonly Fall[], before: readonly Fall[]): Readonly<Record<Difference, number>> {
  const days = daysOf(before);
  const found = { sooner: 0, later: 0, new_ones: 0, gone: 0, as_before: 0 };
  for (const { customer_id, due_day } of falls) {
    const was = days.get(customer_id);
    found[was === undefined ? "new_ones" : due_day < was ? "sooner" : due_day > was ? "later" : "as_before"] += 1;
  }
  const still = new Set(falls.map(({ customer_id }) => customer_id));
  found.gone = before.filter(({ customer_id }) => !still.has(customer_id)).length;
  return found;
}

export const daysOf = (falls: readonly Fall[]): ReadonlyMap<Id, number> =>
  new Map(falls.map(({ customer_id, due_day }) => [customer_id, due_day]));
