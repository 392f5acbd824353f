/** What the tier of a customer gives, by the tier policy; the same on the phone and on the server (D-670 to D-677). */

import { Tier, type Price, type Standing, type TierPolicy } from "../generated/schema.ts";
import { localDay } from "./days.ts";

const TIERS = Object.values(Tier);

/** That of the highest version whose day has come; null: no tier gets anything (D-670). */
export function policyNow(policies: readonly TierPolicy[], day: number): TierPolicy | null {
  let latest: TierPolicy | null = null;
  for (const one of policies) if (one.effective_from_day <= day && one.version > (latest?.version ?? 0)) latest = one;
  return latest;
}

/** What a benefit gives a tier; one that has no number gets that of no tier (D-671). */
export const ofTier = (values: readonly number[], tier: Tier): number => values[tier] ?? values[0] ?? 0;

/** The next better tier; null: there is none. A customer without a tier is shown B, as one of C (D-677). */
export const tierAbove = (tier: Tier): Tier | null => (tier === Tier.a ? null : tier === Tier.b ? Tier.a : Tier.b);

/** The highest discount of a line: the tier's, and the price's where it names a smaller one (D-673); null: there is no limit. */
export function discountLimitBps(policy: TierPolicy | null, tier: Tier, price: Price | null): number | null {
  const limits = policy === null ? [] : [ofTier(policy.discounts_bps, tier)];
  if (price !== null && price.max_discount_bps > 0) limits.push(price.max_discount_bps);
  return limits.length > 0 ? Math.min(...limits) : null;
}

/** Days between contacts in the order of `Tier`; without a policy the organisation's (D-674). */
export const cadences = (policy: TierPolicy | null, usualDays: number): readonly number[] =>
  TIERS.map((tier) => (policy === null ? usualDays : ofTier(policy.contact_days, tier)));

/**
 * The day of the organisation by which the next contact is due: the cadence counts from the last one, at the earliest from when the owner
 * got the customer (D-674).
 */
export const contactDueDay = ({ last_contact_ms, owned_since_ms }: Standing, cadenceDays: number, timeZone: string): number =>
  localDay(Math.max(last_contact_ms ?? 0, owned_since_ms), timeZone) + cadenceDays;
