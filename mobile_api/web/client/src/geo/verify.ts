/** Was the rep there? A visit's evidence judged against the customer's position and the rep's earlier visits, as the server judges it. */

import { CustomerKind, Datum, Mocked, Provider, Verdict, VisitFlag, type Organisation, type Visit } from "../generated/schema.ts";
import { fromWgs84, knownPosition, toWgs84, type Position } from "./datum.ts";
import { distanceMm, LATITUDE_MAX_E6 } from "./distance.ts";

export const WEAK_ACCURACY_MM = 200_000;
export const FIX_AGE_MAX_MS = 120_000;
const FUTURE_TOLERANCE_MS = 120_000;
const CLOCK_TOLERANCE_MS = 600_000;
/** 2015-01-01 */
const EARLIEST_MS = 1_420_070_400_000;
const SPEED_MAX_M_S = 100;
const CLOCK_STEP_MS = 120_000;
const DWELL_MIN_MS = 120_000;
const SHIFTED_MM = 100_000;
const EARLIER_MAX = 100;
/** Evidence that contradicts itself is proof of nothing. */
const DOUBTS =
  VisitFlag.mock | VisitFlag.fix_age | VisitFlag.future | VisitFlag.past | VisitFlag.speed | VisitFlag.repeated | VisitFlag.clock;

/**
 * What the judge knows beside the visit: the server's clock when the visit came in, how far the device's was ahead, the customer's place in
 * WGS-84, the fence of this kind of customer, and visits of the same rep, in any order.
 */
export interface Around {
  readonly now_ms: number;
  readonly skew_ms: number;
  readonly place: Position | null;
  readonly fence_m: number;
  readonly earlier: readonly Visit[];
}

/** `distance_mm`: to the customer, `moved_mm`: from check-in to check-out, each where both positions are known. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly distance_mm: number | null;
  readonly flags: number;
  readonly moved_mm: number | null;
}

type Fences = Pick<Organisation, "fence_shop_m" | "fence_office_m" | "fence_plant_m" | "fence_other_m">;
const FENCES: Fences = { fence_shop_m: 100, fence_office_m: 200, fence_plant_m: 500, fence_other_m: 300 };

/** How far from a customer of this kind a check-in still counts, in metres. */
export function fenceM(kind: CustomerKind, organisation: Fences | null): number {
  const of = organisation ?? FENCES;
  if (kind === CustomerKind.shop) return of.fence_shop_m;
  if (kind === CustomerKind.office) return of.fence_office_m;
  return kind === CustomerKind.plant ? of.fence_plant_m : of.fence_other_m;
}

/** Judge one visit. What is missing counts against nobody: evidence that is no position is no fix. */
export function judge(visit: Visit, around: Around): Judgement {
  const fix = knownPosition(visit.datum, visit.latitude_e6, visit.longitude_e6);
  const place = around.place && knownPosition(Datum.wgs84, around.place.latitude_e6, around.place.longitude_e6);
  let flags = times(visit, around) | otherVisits(visit, around, fix);
  if (visit.mock || visit.mocked === Mocked.yes) flags |= VisitFlag.mock;
  const dwell = dwellMs(visit);
  if (dwell !== null && dwell < DWELL_MIN_MS) flags |= VisitFlag.dwell;
  const left = knownPosition(visit.left_datum, visit.left_latitude_e6, visit.left_longitude_e6);
  const moved_mm = fix !== null && left !== null ? wayMm(fix, left) : null;
  if (fix === null || place === null) return { verdict: Verdict.unverified, distance_mm: null, flags, moved_mm };
  const [distance_mm, accuracy] = [wayMm(fix, place), usable(visit.accuracy_mm)];
  let verdict = (flags & DOUBTS) !== 0 ? Verdict.unverified : verdictOf(distance_mm, accuracy, around.fence_m * 1000);
  if (
    verdict === Verdict.out_of_range &&
    accuracy !== null &&
    fitsShifted(fix, place, Math.max(SHIFTED_MM, around.fence_m * 500) - accuracy)
  ) {
    verdict = Verdict.probable;
    flags |= VisitFlag.datum_mix;
  }
  if (verdict === Verdict.verified && visit.provider === Provider.manual) verdict = Verdict.probable;
  return { verdict, distance_mm, flags, moved_mm };
}

export type Missing = "no_fix" | "unplaced" | "no_accuracy" | "weak_accuracy";
export type VisitReason = Missing | keyof typeof VisitFlag;

/** Why the server judged a visit as it did: what is missing first, then the flags. What was deleted since is not missing. */
export function reasons(visit: Visit): readonly VisitReason[] {
  const why = visit.verdict === Verdict.unverified && visit.forgotten_days === null ? missing(visit) : null;
  const names = Object.entries(VisitFlag) as [Exclude<VisitReason, Missing>, number][];
  return [...(why === null ? [] : [why]), ...names.filter(([, bit]) => (visit.flags & bit) !== 0).map(([name]) => name)];
}

function missing({ latitude_e6, longitude_e6, distance_mm, accuracy_mm }: Visit): Missing | null {
  if (latitude_e6 === null || longitude_e6 === null) return "no_fix";
  if (distance_mm === null) return "unplaced";
  if (accuracy_mm === null || accuracy_mm <= 0) return "no_accuracy";
  return accuracy_mm > WEAK_ACCURACY_MM ? "weak_accuracy" : null;
}

/** Platforms say 0 or a negative accuracy when they have none; a weak one tells as little. */
const usable = (accuracy: number | null): number | null =>
  accuracy !== null && accuracy > 0 && accuracy <= WEAK_ACCURACY_MM ? accuracy : null;

const wayMm = (from: Position, to: Position): number => distanceMm(from.latitude_e6, from.longitude_e6, to.latitude_e6, to.longitude_e6);

function verdictOf(distance: number, accuracy: number | null, fence: number): Verdict {
  if (accuracy === null) return Verdict.unverified;
  if (distance + accuracy <= fence) return Verdict.verified;
  return distance - accuracy <= fence ? Verdict.probable : Verdict.out_of_range;
}

/** Whether the fix is so near once it, or the place, is read in another datum. */
function fitsShifted(fix: Position, place: Position, mostMm: number): boolean {
  return [Datum.gcj02, Datum.bd09]
    .flatMap((datum) => [toWgs84, fromWgs84].map((turn) => turn(datum, fix.latitude_e6, fix.longitude_e6)))
    .filter((one) => Math.abs(one.latitude_e6) <= LATITUDE_MAX_E6)
    .some((one) => (one.latitude_e6 !== fix.latitude_e6 || one.longitude_e6 !== fix.longitude_e6) && wayMm(one, place) <= mostMm);
}

// time

function times(visit: Visit, { now_ms, skew_ms }: Around): number {
  let flags = 0;
  const corrected = visit.device_ms - skew_ms;
  const moments = [corrected];
  if (visit.fix_ms !== null) {
    moments.push(Math.abs(visit.fix_ms - visit.device_ms) <= FIX_AGE_MAX_MS ? visit.fix_ms - skew_ms : visit.fix_ms);
    const age = fixAgeMs(visit.device_ms - visit.fix_ms, skew_ms);
    if (Math.abs(age) > FIX_AGE_MAX_MS) flags |= VisitFlag.fix_age | (age > 0 ? VisitFlag.fix_old : 0);
  }
  if (Math.max(...moments) - now_ms > FUTURE_TOLERANCE_MS) flags |= VisitFlag.future;
  if (Math.min(...moments) < EARLIEST_MS) flags |= VisitFlag.past;
  const trueMs = trueTime(visit);
  if (trueMs !== null && Math.abs(corrected - trueMs) > CLOCK_TOLERANCE_MS) flags |= VisitFlag.clock;
  return flags;
}

/** Satellites date a fix by true time, networks by the phone's clock: a wrong clock alone must accuse nobody. */
const fixAgeMs = (age: number, skew: number): number => (Math.abs(age) <= Math.abs(age - skew) ? age : age - skew);

/** The check-in by the server's clock: its last answer, and the time that the device has run since. */
function trueTime({ heard_ms, heard_uptime_ms, uptime_ms }: Visit): number | null {
  return heard_ms === null || heard_uptime_ms === null || uptime_ms === null ? null : heard_ms + uptime_ms - heard_uptime_ms;
}

function dwellMs({ left_ms, device_ms, uptime_ms, left_uptime_ms }: Visit): number | null {
  if (left_ms === null) return null;
  return uptime_ms !== null && left_uptime_ms !== null ? left_uptime_ms - uptime_ms : left_ms - device_ms;
}

// other visits

/** By the visits of the same rep that happened before. */
function otherVisits(visit: Visit, around: Around, fix: Position | null): number {
  const accuracy = usable(visit.accuracy_mm);
  if (fix === null || accuracy === null) return 0;
  const beganMs = visit.device_ms - around.skew_ms;
  const earlier = latest(around.earlier).filter((one) => whenMs(one) <= beganMs && one.id !== visit.id && one.id !== visit.amends_id);
  const flags = earlier.some((one) => isRepeat(visit, one)) ? VisitFlag.repeated : 0;
  const before = earlier.find((one) => one.amends_id === null && (one.flags & DOUBTS) === 0 && usable(one.accuracy_mm) !== null);
  const was = before === undefined ? null : knownPosition(before.datum, before.latitude_e6, before.longitude_e6);
  if (before === undefined || was === null) return flags;
  const way = wayMm(was, fix) - accuracy - (before.accuracy_mm ?? 0);
  return way > SPEED_MAX_M_S * betweenMs(before, visit, beganMs) ? flags | VisitFlag.speed : flags;
}

function latest(visits: readonly Visit[]): readonly Visit[] {
  return [...visits].sort((left, right) => whenMs(right) - whenMs(left) || (left.id < right.id ? 1 : -1)).slice(0, EARLIER_MAX);
}

/** As the server found; of one that is not sent yet by the device's clock. */
const whenMs = ({ occurred_ms, device_ms }: Visit): number => occurred_ms || device_ms;

/** At most how long it took. In one start of the device its uptime says so, whatever was done to the clock. */
function betweenMs(before: Visit, visit: Visit, beganMs: number): number {
  const isSameStart = visit.boot !== "" && visit.boot === before.boot;
  if (isSameStart && visit.uptime_ms !== null && before.uptime_ms !== null) return Math.abs(visit.uptime_ms - before.uptime_ms);
  return beganMs - whenMs(before) + CLOCK_STEP_MS;
}

/** Two fixes of satellites never agree in all digits; networks name one place again and again, and one fix may serve two visits. */
function isRepeat(visit: Visit, before: Visit): boolean {
  const { latitude_e6, longitude_e6, accuracy_mm, fix_ms, provider } = before;
  const isSame = latitude_e6 === visit.latitude_e6 && longitude_e6 === visit.longitude_e6 && accuracy_mm === visit.accuracy_mm;
  const isFixed = visit.fix_ms !== null && fix_ms !== null && visit.fix_ms !== fix_ms;
  return visit.provider === Provider.gps && provider === Provider.gps && isSame && isFixed;
}
