/** The reclaim rule of today, and what it spares: what the words of a lock and of more time may promise (D-143, D-160). */

import { inForce, localDay, policyNow, type ReclaimRule, type TierPolicy } from "../client/src/index.ts";
import { all, remembered } from "./phone.ts";

/** No midnight of any zone falls into one. */
const QUARTER_MS = 900_000;

/** By whose calendar days are counted. */
export const zone = (): string => all("organisation")[0]?.time_zone ?? "UTC";

/** The version by which customers fall today; null: none does. */
export const ruleNow = (): ReclaimRule | null => inForce(all("reclaim_rule"), localDay(Date.now(), zone()));

const policyAt = remembered((quarter: number): TierPolicy | null => policyNow(all("tier_policy"), localDay(quarter * QUARTER_MS, zone())));

/** The tier policy in force today (D-670). */
export const tierPolicy = (): TierPolicy | null => policyAt(Math.floor(Date.now() / QUARTER_MS));

/** Whether a customer stays with its owner for that: the rule of today spares it, or there is none. */
export const spares = (what: "locked" | "extended"): boolean => ruleNow()?.exempt.includes(what) ?? true;
