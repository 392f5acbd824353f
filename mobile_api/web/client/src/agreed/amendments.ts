/** Facts with their corrections: nothing is overwritten, the newest correction shows (D-209, D-210). */

import type { ContactLog, Id, Visit } from "../generated/schema.ts";

/** A fact as it was entered first, the version that shows now, and all its corrections, newest first. */
export interface Amended<F extends Visit | ContactLog = Visit | ContactLog> {
  readonly first: F;
  readonly shown: F;
  readonly amendments: readonly F[];
}

/** Facts in the order given, each with its corrections. A correction whose fact is not on the device stands for itself. */
export function factsWithAmendments<F extends Visit | ContactLog>(facts: readonly F[]): Amended<F>[] {
  const ids = new Set(facts.map((fact) => fact.id));
  const amends = (fact: F): Id | null => (fact.amends_id !== null && ids.has(fact.amends_id) ? fact.amends_id : null);
  const corrections = new Map<Id, F[]>();
  for (const fact of facts) {
    const first = amends(fact);
    if (first !== null) corrections.set(first, [...(corrections.get(first) ?? []), fact]);
  }
  return facts.filter((fact) => amends(fact) === null).map((fact) => amended(fact, corrections.get(fact.id) ?? []));
}

function amended<F extends Visit | ContactLog>(first: F, corrections: readonly F[]): Amended<F> {
  const amendments = [...corrections].sort((left, right) => byAge(right, left));
  return { first, shown: amendments[0] ?? first, amendments };
}

/** By the server's receipt, then id; a correction not sent yet is the newest. */
function byAge(left: Visit | ContactLog, right: Visit | ContactLog): number {
  const unsent = Number(left.rev === 0) - Number(right.rev === 0);
  return unsent || left.received_ms - right.received_ms || (left.id < right.id ? -1 : 1);
}
