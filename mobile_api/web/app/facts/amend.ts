/** Corrections of facts: a new fact that says everything anew, and names the first one (D-209, D-210). */

import {
  create,
  factsWithAmendments,
  type Amended,
  type ContactLog,
  type Edit,
  type Given,
  type Id,
  type Records,
  type Visit,
} from "../../client/src/index.ts";
import { entityOf, EXTRA, EXTRA_PREFIX } from "../../client/src/sync/entity.ts";
import { all, phone, remembered } from "../../shell/phone.ts";

export type FactName = "visit" | "contact_log";
export type Fact<N extends FactName> = Amended<Records[N]>;

const factsById = remembered((name: FactName) => {
  const told = factsWithAmendments(all(name));
  return new Map<Id, unknown>(told.flatMap((fact) => [fact.first, ...fact.amendments].map(({ id }) => [id, fact] as const)));
});

/** All facts of one kind with their corrections, by the id of the fact and of each correction. */
export function facts<N extends FactName>(name: N): ReadonlyMap<Id, Fact<N>> {
  return factsById(name) as ReadonlyMap<Id, Fact<N>>;
}

/** Only its author corrects a fact; one without an author is the person's own, not sent yet. */
export function isMine({ author_id }: { readonly author_id: Id | null }): boolean {
  return author_id === null || author_id === phone.seat.user_id;
}

/** The version that shows with what is different now. */
export function correction<N extends FactName>(name: N, { first, shown }: Fact<N>, changed: Partial<Given<N>>): Edit {
  const values = shown as unknown as Readonly<Record<string, unknown>>;
  const told: Record<string, unknown> = {};
  for (const [slot, role] of entityOf(name).slots) if (role !== "!" && slot !== EXTRA) told[slot] = values[slot];
  for (const [key, value] of Object.entries((values[EXTRA] as object | undefined) ?? {})) told[`${EXTRA_PREFIX}${key}`] = value;
  Object.assign(told, { amends_id: first.id, withdrawn: false, ...(name === "visit" ? { leaving: false } : {}) }, changed);
  for (const [slot, value] of Object.entries(told)) if (slot.startsWith(EXTRA_PREFIX) && value === null) delete told[slot]; // cleared
  return create(name, told as unknown as Given<N>);
}

/** Whether a version of a fact corrects it; a check-out only tells more. */
export const corrects = (one: Visit | ContactLog): boolean => !("leaving" in one && one.leaving);

/** When a fact happened: as the server found, until then by this phone's clock. */
export const happenedMs = ({ occurred_ms, device_ms }: { readonly occurred_ms: number; readonly device_ms: number }): number =>
  occurred_ms || device_ms;
