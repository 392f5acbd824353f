/** The choice that leaves the pool to the server: to each customer the one that fits its region and industry (D-195, D-196). */

import type { Choices } from "../kept/fields.tsx";
import { choicesOf } from "../words_of.ts";
import { say } from "./texts.ts";

export interface Fitting {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly regions: readonly string[];
  readonly industries: readonly string[];
  readonly priority: number;
}

/** Stands in a form beside the ids of pools. */
const FIT = "fit";

/** Whether the pools say anything about who fits: else the choice would only name the oldest one. */
const tells = (pools: readonly Fitting[]): boolean =>
  pools.length > 1 && pools.some(({ regions, industries, priority }) => regions.length > 0 || industries.length > 0 || priority > 0);

/** The pools in use, and before them the fitting one. */
export function poolChoices(pools: readonly Fitting[]): Choices {
  const used = pools.filter(({ active }) => active);
  return tells(used) ? [[FIT, say("fitting")], ...choicesOf(used)] : choicesOf(used);
}

/** The pool that a form suggests: the fitting one, or the only one. */
export function suggested(pools: readonly Fitting[]): string {
  const [first, ...others] = poolChoices(pools);
  return first !== undefined && (first[0] === FIT || others.length === 0) ? first[0] : "";
}

/** The chosen pool, as the server takes it. */
export const poolAsked = (chosen: string): Readonly<Record<string, unknown>> =>
  chosen === FIT ? { pool_by_fit: true } : { pool_id: chosen };
