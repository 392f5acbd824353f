/** What the server will probably say about a check-in (D-203, D-212): a guess for the person who types, the server alone judges. */

import { fenceM, FIX_AGE_MAX_MS, judge } from "../../client/src/geo/verify.ts";
import { Datum, knownPosition, Provider, Verdict, type Customer, type Given, type Visit } from "../../client/src/index.ts";
import { entityOf } from "../../client/src/sync/entity.ts";
import { all, remembered } from "../../shell/phone.ts";
import type { Fix } from "../../shell/position.ts";
import { isMine } from "../facts/amend.ts";
import { asAllowed, isAllowed } from "../whereabouts/answer.ts";

const BLANK = Object.fromEntries(entityOf("visit").slots.map(([name, , , fallback]) => [name, fallback])) as unknown as Visit;
const mine = remembered(() => all("visit").filter(isMine));

/** Whether the phone told an accuracy at all: 0 means that it has none, as for the server. */
export const isAccuracy = (mm: number | null): mm is number => mm !== null && mm > 0;

/** The fix if it is of now. One that is older proves nothing about now: the server flags it (D-205). */
export function current(fix: Fix | null, nowMs: number): Fix | null {
  return fix !== null && Math.abs(nowMs - fix.fix_ms) <= FIX_AGE_MAX_MS ? fix : null;
}

/**
 * The evidence of a check-in as it may leave the phone; nothing where the phone does not know where it is, or the person said no.
 * A browser knows of no uptime and no mocked position.
 */
export function evidence(fix: Fix | null, nowMs: number): Partial<Given<"visit">> {
  const here = isAllowed() ? current(fix, nowMs) : null;
  if (here === null) return {};
  const { latitude_e6, longitude_e6, accuracy_mm } = asAllowed({ ...BLANK, ...here });
  return { ...here, latitude_e6, longitude_e6, accuracy_mm, datum: Datum.wgs84, provider: Provider.browser };
}

/** When and where the rep leaves. */
export function leaving(fix: Fix | null, nowMs: number): Partial<Given<"visit">> {
  const { latitude_e6 = null, longitude_e6 = null, accuracy_mm = null, fix_ms = null, datum = Datum.unknown } = evidence(fix, nowMs);
  const place = latitude_e6 !== null && {
    left_latitude_e6: latitude_e6,
    left_longitude_e6: longitude_e6,
    left_accuracy_mm: accuracy_mm,
    left_fix_ms: fix_ms,
    left_datum: datum,
  };
  return { leaving: true, left_ms: nowMs, ...place };
}

/** The check-in as it would be judged now. */
export function likely(customer: Customer, fix: Fix, nowMs: number): Visit {
  const visit: Visit = { ...BLANK, ...evidence(fix, nowMs), customer_id: customer.id, device_ms: nowMs };
  const place = knownPosition(customer.datum, customer.latitude_e6, customer.longitude_e6);
  const fence_m = fenceM(customer.kind, all("organisation")[0] ?? null);
  return { ...visit, fence_m, ...judge(visit, { now_ms: nowMs, skew_ms: 0, place, fence_m, earlier: mine() }) };
}

export const isThere = ({ verdict }: Visit): boolean => verdict === Verdict.verified || verdict === Verdict.probable;
