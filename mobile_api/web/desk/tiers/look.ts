/** The versions of the tier policy as the desk holds them, the terms of a draft, and whom it concerns. */

import { Problem, type Id, type TierPolicy } from "../../client/src/index.ts";
import { decimal, minorDigits } from "../../shell/format.ts";
import type { Written } from "../../shell/form.tsx";
import { all, phone } from "../../shell/phone.ts";
import { told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { say } from "./texts.ts";

export const BENEFITS = [
  "discounts_bps",
  "payment_days",
  "credit_limits_minor",
  "delivery_priorities",
  "contact_days",
  "held_days",
  "ticket_hours",
  "call_priorities",
] as const;
export type Benefit = (typeof BENEFITS)[number];
/** The columns, as a person reads them; a number is the place of the tier in each benefit (D-671). */
export const TIERS = [
  [1, "a"],
  [2, "b"],
  [3, "c"],
  [0, "none"],
] as const;

/** What a version says, as the server takes it. */
export type Terms = Readonly<Record<Benefit, readonly number[]>> & { readonly effective_from_day: number };

/** Why a draft is refused; `field` null: for a reason of no line. */
export interface Wrong {
  readonly field: string | null;
  readonly words: string;
}

const USUAL = {
  ...{ discounts_bps: [300, 1500, 800, 300], payment_days: [0, 60, 30, 0], credit_limits_minor: [0, 0, 0, 0] },
  ...{ delivery_priorities: [3, 1, 2, 3], contact_days: [90, 14, 30, 90], held_days: [90, 30, 60, 90] },
  ...{ ticket_hours: [72, 4, 24, 72], call_priorities: [3, 1, 2, 3] },
};

export const currencyNow = (): string => all("organisation")[0]?.currency ?? "CNY";

/** All versions, the newest first. */
export const versions = (): TierPolicy[] => [...all("tier_policy")].sort((left, right) => right.version - left.version);

/** The terms of a version, or usual ones, from another day on. */
export function termsFrom(policy: TierPolicy | null, day: number): Terms {
  const each = policy ?? USUAL;
  return { effective_from_day: day, ...(Object.fromEntries(BENEFITS.map((one) => [one, each[one]])) as Record<Benefit, number[]>) };
}

/** How many decimals a benefit is typed with. */
const digitsOf = (benefit: Benefit): number =>
  benefit === "discounts_bps" ? 2 : benefit === "credit_limits_minor" ? minorDigits(currencyNow()) : 0;

/** A number as one types it. */
export function typable(benefit: Benefit, value: number): string {
  const text = decimal(value, digitsOf(benefit)).replaceAll(",", "");
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** What stands in the form; or which line holds no number. */
export function termsIn(written: Written): Terms | Wrong {
  const found: Partial<Record<Benefit, number[]>> = {};
  for (const benefit of BENEFITS) {
    const numbers = [0, 1, 2, 3].map((tier) => written.decimal(`${benefit}.${tier}`, digitsOf(benefit)));
    if (numbers.includes(null)) return { field: benefit, words: say("no_number") };
    found[benefit] = numbers as number[];
  }
  const day = written.day("effective_from_day");
  if (day === null) return { field: "effective_from_day", words: say("too_early") };
  return { ...(found as Record<Benefit, number[]>), effective_from_day: day };
}

export const isWrong = (found: object): found is Wrong => "words" in found;

/** The server's refusal at its line, in the reader's words. */
export function wrongOf(error: unknown): Wrong {
  const { happened, means, next } = told(error);
  const field = error instanceof Problem ? (error.field ?? "").replace(/^\$?\.?/, "").replace(/[[.].*$/, "") : "";
  if (field === "effective_from_day") return { field, words: say("too_early") };
  if (BENEFITS.includes(field as Benefit)) return { field, words: say("out_of_range") };
  return { field: null, words: [happened, means, next].filter(Boolean).join(" ") };
}

/** A customer whose tier gets something else; the days on which it falls if nobody touches it, null: it does not. */
export interface Concerned {
  readonly customer_id: Id;
  readonly name: string;
  readonly owner_id: Id | null;
  readonly tier: number;
  readonly falls_day: number | null;
  readonly fell_day: number | null;
}

export interface Preview {
  readonly terms: Terms;
  /** Of the version that it becomes: the same request again makes no second one. */
  readonly id: Id;
  readonly items: readonly Concerned[];
}

/** Of the server: so many customers are looked at for each page. */
const PAGE_CUSTOMERS = 1_000;

/** A whole preview of these terms; `onPage` hears how many were looked at, and may throw to end it. Throws Problem, UnreachableError. */
export async function previewOf(terms: Terms, onPage: (seen: number) => void): Promise<Preview> {
  const items: Concerned[] = [];
  let after: Id | null = null;
  for (let pages = 1; ; pages++) {
    const page: { readonly items: readonly Concerned[]; readonly next: Id | null } = await give("/v1/desk/tier-policy/preview", {
      ...terms,
      after,
    });
    items.push(...page.items);
    onPage(pages * PAGE_CUSTOMERS);
    if (page.next === null) return { terms, id: phone.newId(), items };
    after = page.next;
  }
}
