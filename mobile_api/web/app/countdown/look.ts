/** How long customers stay with their owners if nobody touches them, by the organisation's calendar (D-156, D-157). */

import { awaitsDecision, countdown, QUOTE, type Countdown, type Id } from "../../client/src/index.ts";
import { all, byId, remembered, signedIn } from "../../shell/phone.ts";
import { ruleNow, tierPolicy, zone } from "../../shell/reclaim.ts";

/** From so many days on a customer is about to fall; with fewer than `RED_DAYS` it is red. */
const SOON_DAYS = 7;
const RED_DAYS = 3;

/** Customer → the last visit, or log of a contact, that the server has not answered yet. */
const unsent = remembered((name: "visit" | "contact_log"): ReadonlyMap<Id, number> => {
  const found = new Map<Id, number>();
  for (const { rev, amends_id, customer_id, device_ms } of all(name))
    if (rev === 0 && amends_id === null) found.set(customer_id, Math.max(device_ms, found.get(customer_id) ?? 0));
  return found;
});

/** Customers one of whose quotes awaits its decision. */
const waiting = remembered((): ReadonlySet<Id> => {
  const quotes = all("quote");
  return new Set(quotes.filter((quote) => awaitsDecision([quote], quote.customer_id)).map(({ customer_id }) => customer_id));
});

/** Of one customer; null where nothing is to be told. */
export function countdownOf(id: Id): Countdown | null {
  const standing = byId("standing").get(id);
  if (standing === undefined) return null;
  const visit_ms = unsent("visit").get(id) ?? null;
  const log_ms = unsent("contact_log").get(id) ?? null;
  const contact_ms = visit_ms === null && log_ms === null ? null : Math.max(visit_ms ?? 0, log_ms ?? 0);
  const waits = waiting().has(id) ? [QUOTE] : [];
  return countdown(standing, all("reclaim_rule"), {
    now_ms: Date.now(),
    time_zone: zone(),
    contact_ms,
    visit_ms,
    waits,
    policy: tierPolicy(),
  });
}

/** Whether the customer falls within days, and no decision is awaited that keeps it. */
export const isSoon = ({ days, kept_by, kept_until_ms }: Countdown): boolean =>
  days <= SOON_DAYS && (kept_by === "" || kept_until_ms !== null);

export const toneOf = (counted: Countdown): "hot" | "wait" | "" =>
  counted.days < RED_DAYS ? "hot" : counted.days <= SOON_DAYS ? "wait" : "";

/** A customer of the user that is about to fall. */
export interface Falling {
  readonly id: Id;
  readonly counted: Countdown;
}

/** The user's own customers that are about to fall, the first one first. */
export function falling(): readonly Falling[] {
  if (ruleNow() === null) return [];
  const own = signedIn.value?.user_id;
  return all("standing")
    .filter(({ owner_id }) => owner_id !== null && owner_id === own)
    .flatMap(({ id }) => {
      const counted = countdownOf(id);
      return counted !== null && isSoon(counted) ? [{ id, counted }] : [];
    })
    .sort((left, right) => left.counted.due_day - right.counted.due_day);
}
