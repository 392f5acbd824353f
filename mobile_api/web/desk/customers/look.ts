/** How the desk looks at the phone's records: each customer with its owner, state and next date; and by what they are filtered. */

import { signal } from "@preact/signals";
import type { Customer, Id, Standing } from "../../client/src/index.ts";
import { byName, dayOf } from "../../shell/format.ts";
import { all, byId, remembered } from "../../shell/phone.ts";

const SOON_DAYS = 7;

export type State = "owned" | "pooled" | "unowned";
export type Due = "late" | "this_week" | "no_date";

export interface Line {
  readonly customer: Customer;
  readonly standing: Standing | null;
  readonly owner: string;
  readonly state: State;
  readonly tier: number;
  /** The earliest day on which something is due; null: nothing is planned. */
  readonly dueDay: number | null;
  readonly lastMs: number | null;
}

/** By what the table is filtered; empty: by nothing. It stays while one looks at other screens. */
export interface Filters {
  readonly owner: string;
  readonly state: string;
  readonly tier: string;
  readonly city: string;
  readonly due: string;
}

export const NO_FILTERS: Filters = { owner: "", state: "", tier: "", city: "", due: "" };
export const filters = signal<Filters>(NO_FILTERS);

const dueDays = remembered((): ReadonlyMap<Id, number> => {
  const days = new Map<Id, number>();
  for (const { customer_id, done, due_day } of all("follow_up"))
    if (!done) days.set(customer_id, Math.min(due_day, days.get(customer_id) ?? due_day));
  return days;
});

function line(customer: Customer): Line {
  const standing = byId("standing").get(customer.id) ?? null;
  const owner = standing?.owner_id ? (byId("person").get(standing.owner_id)?.name ?? "") : "";
  const state = standing?.owner_id ? "owned" : standing?.pool_id ? "pooled" : "unowned";
  const days = [standing?.due_day, dueDays().get(customer.id)].filter((day) => day !== null && day !== undefined);
  const dueDay = days.length === 0 ? null : Math.min(...days);
  return { customer, standing, owner, state, tier: standing?.tier ?? 0, dueDay, lastMs: standing?.last_contact_ms ?? null };
}

/** All customers of the manager's scope, by name. */
export const lines = remembered((): readonly Line[] => byName(all("customer")).map(line));

export function dueOf(day: number | null): Due | "" {
  if (day === null) return "no_date";
  const away = day - dayOf(Date.now());
  return away < 0 ? "late" : away < SOON_DAYS ? "this_week" : "";
}

/** The customers that fit each of the filters. */
export function fitting(wanted: Filters): readonly Line[] {
  if (wanted === NO_FILTERS) return lines();
  return lines().filter(
    ({ standing, state, tier, customer, dueDay }) =>
      (wanted.owner === "" || standing?.owner_id === wanted.owner) &&
      (wanted.state === "" || state === wanted.state) &&
      (wanted.tier === "" || String(tier) === wanted.tier) &&
      (wanted.city === "" || customer.city === wanted.city) &&
      (wanted.due === "" || dueOf(dueDay) === wanted.due),
  );
}

/** Cities of the customers, those with most customers first. */
export const cities = remembered((): readonly string[] => {
  const found = new Map<string, number>();
  for (const { city } of all("customer")) if (city !== "") found.set(city, (found.get(city) ?? 0) + 1);
  return [...found].sort((left, right) => right[1] - left[1]).map(([city]) => city);
});

/** Who owns customers of the scope, by name. */
export const owners = remembered((): readonly { readonly id: Id; readonly name: string }[] => {
  const ids = new Set(all("standing").flatMap(({ owner_id }) => owner_id ?? []));
  return byName([...ids].map((id) => ({ id, name: byId("person").get(id)?.name ?? "…" })));
});
