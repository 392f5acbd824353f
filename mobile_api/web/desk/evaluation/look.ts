/** Evaluations and versions of the point model as the server tells them. They hold profit: nothing of them is kept in this browser. */

import type { Id } from "../../client/src/index.ts";
import { count, dayWord, money } from "../../shell/format.ts";
import { all } from "../../shell/phone.ts";
import { entityNumber, valueWords } from "../../shell/words.ts";
import { say, type EvaluationText } from "./texts.ts";

export interface Part {
  readonly factor: number;
  readonly value: number | null;
  readonly points: number;
  /** The most that it could add. */
  readonly scale: number;
  /** The industry. */
  readonly text: string;
}

export interface Evaluation {
  readonly at_ms: number;
  readonly version: number;
  readonly points: number | null;
  readonly tier: number;
  readonly provisional: boolean;
  readonly parts: readonly Part[];
}

export interface Shown {
  readonly tier: number;
  readonly earned_tier: number;
  readonly set_until_ms: number | null;
  readonly set_reason: string;
  readonly next_points: number | null;
  readonly low_periods: number;
  readonly history: readonly Evaluation[];
}

export interface Factor {
  readonly factor: number;
  readonly weight: number;
  readonly bands: readonly { readonly from_value: number; readonly points: number }[];
  readonly industries: readonly { readonly industry: string; readonly points: number }[];
}

export interface Terms {
  readonly effective_from_day: number;
  readonly a_from: number;
  readonly b_from: number;
  readonly factors: readonly Factor[];
}

export interface Model {
  readonly id: Id;
  readonly version: number;
  readonly terms: Terms;
}

/** The factor that has industries in place of bands. */
export const INDUSTRY = 6;

export const tierWord = (tier: number): string => (tier === 0 ? say("no_tier") : say((["a", "b", "c"] as const)[tier - 1] ?? "a"));

export const factorWord = (factor: number): string => say(`f_${factor}` as EvaluationText);

const OF_CUSTOMER: Readonly<Record<number, string>> = { 5: "size", 7: "stock_listing", 9: "earnings" };

/** A value as a person reads it. */
export function valueWord({ factor, value, text }: Part): string {
  if (value === null) return say("unknown");
  if (factor === 1) return money(value, all("organisation")[0]?.currency ?? "CNY");
  if (factor === 3) return `${Math.floor(value / 100)} %`;
  if (factor === 4) return value < 0 ? say("never") : dayWord(value);
  if (factor === 6) return text;
  if (factor === 8) return valueWords(entityNumber("contact"), "seniority", value);
  const slot = OF_CUSTOMER[factor];
  return slot === undefined ? count(value) : valueWords(entityNumber("customer"), slot, value);
}
