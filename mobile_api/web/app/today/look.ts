/** How the first screen of the day looks at the phone's records. */

import type { Customer, FollowUp } from "../../client/src/index.ts";
import { today } from "../../shell/form.tsx";
import { dayOf } from "../../shell/format.ts";
import { happenings, lastContacts, type Happening } from "../../shell/happened.ts";
import { all, phone, remembered, signedIn } from "../../shell/phone.ts";
import { distanceTo } from "../../shell/position.ts";
import { openFollowUps, placed } from "../customers/look.ts";

export const NEAR_KM = 5;
export const LONG_DAYS = 30;
const MM_PER_KM = 1_000_000;
const NEAR_SHOWN_MAX = 5;

export interface Near {
  readonly customer: Customer;
  readonly mm: number;
  readonly lastMs: number | null;
}

/** Follow-ups of today and before, the oldest first. */
export function dueFollowUps(): readonly FollowUp[] {
  return openFollowUps().filter(({ due_day }) => due_day <= today());
}

/** What this user entered today, newest first. */
export function doneToday(): readonly Happening[] {
  const own = signedIn.value?.user_id;
  return happenings().filter(({ atMs, record }) => dayOf(atMs) === today() && (record.rev === 0 || record["author_id"] === own));
}

/** Customers near the phone whom nobody met or reached for long, the nearest first; empty without a position. */
export function nearAndLong(): readonly Near[] {
  const last = lastContacts();
  const long = (id: string): boolean => dayOf(last.get(id) ?? 0) <= today() - LONG_DAYS;
  return all("customer")
    .map((customer) => ({ customer, mm: distanceTo(placed(customer)) ?? Infinity, lastMs: last.get(customer.id) ?? null }))
    .filter(({ customer, mm }) => mm <= NEAR_KM * MM_PER_KM && long(customer.id))
    .sort((left, right) => left.mm - right.mm)
    .slice(0, NEAR_SHOWN_MAX);
}

/** How many cards wait for this user's decision. */
export const openCards = remembered((): number => phone.openItems().length);
