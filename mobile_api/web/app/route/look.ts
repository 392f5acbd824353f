/** The day's stops in their order; what the rep has put somewhere or left out stays on this phone for the day (D-450 to D-457). */

import { signal } from "@preact/signals";
import {
  cadences,
  dayPlan,
  legsMm,
  route,
  type Customer,
  type Fall,
  type Id,
  type Instruction,
  type Planned,
} from "../../client/src/index.ts";
import type { Position } from "../../client/src/geo/datum.ts";
import { flatDistanceMm } from "../../client/src/geo/distance.ts";
import { today } from "../../shell/form.tsx";
import { lastContacts } from "../../shell/happened.ts";
import { keep, kept } from "../../shell/kept.ts";
import { all, byId, one, remembered, signedIn } from "../../shell/phone.ts";
import { fix } from "../../shell/position.ts";
import { countdownOf } from "../countdown/look.ts";
import { ruleNow, tierPolicy } from "../../shell/reclaim.ts";
import { placed } from "../customers/look.ts";
import { open } from "../instructions/look.ts";
import { doneToday } from "../today/look.ts";

const KEPT = "route";
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What the rep has made of the day. `from`: where the route began; `pinned`: stops that the rep has put somewhere. */
interface Mine {
  readonly day: number;
  readonly from: Position | null;
  readonly order: readonly Id[];
  readonly pinned: readonly Id[];
  readonly out: readonly Id[];
}

/** A stop with all that the screen shows. */
export interface Stop {
  readonly planned: Planned;
  readonly name: string;
  readonly customer: Customer | null;
  readonly instruction: Instruction | null;
  readonly at: Position | null;
}

export type Placed = Stop & { readonly at: Position };

const text = signal<string | null>(null);

export function mine(): Mine {
  const found = JSON.parse(text.value ?? kept(KEPT) ?? "null") as Mine | null;
  return found?.day === today() ? found : { day: today(), from: null, order: [], pinned: [], out: [] };
}

function change(part: Partial<Mine>): void {
  text.value = JSON.stringify({ ...mine(), ...part });
  keep(KEPT, text.value);
}

function positionOf(customer: Customer): Position | null {
  const { wgs_latitude_e6: latitude_e6, wgs_longitude_e6: longitude_e6 } = placed(customer);
  return latitude_e6 === null || longitude_e6 === null ? null : { latitude_e6, longitude_e6 };
}

/** Where a new order begins: here, else where the last one did. */
function start(): Position | null {
  const here = fix.value;
  return here === null ? mine().from : { latitude_e6: here.latitude_e6, longitude_e6: here.longitude_e6 };
}

function falls(): Map<Id, Fall> {
  const found = new Map<Id, Fall>();
  if (ruleNow() === null) return found;
  for (const { id, owner_id } of all("standing")) {
    const counted = owner_id === signedIn.value?.user_id ? countdownOf(id) : null;
    if (counted === null) continue;
    const moves = counted.touched_day !== null && counted.touched_day > counted.due_day;
    found.set(id, { days: counted.days, moves, kept: counted.kept_by !== "" && counted.kept_until_ms === null });
  }
  return found;
}

/** Customer → the newest of these today; the user's own, and not taken back. */
function doneBy(...names: readonly string[]): Map<Id, number> {
  const own = doneToday().filter(({ name, record }) => names.includes(name) && record["withdrawn"] !== true);
  return new Map([...own].reverse().map(({ customerId, atMs }) => [customerId, atMs]));
}

function distances(): Map<Id, number> {
  const from = mine().from ?? start();
  const found = new Map<Id, number>();
  if (from === null) return found;
  for (const customer of all("customer")) {
    const at = positionOf(customer);
    if (at !== null) found.set(customer.id, flatDistanceMm(from.latitude_e6, from.longitude_e6, at.latitude_e6, at.longitude_e6));
  }
  return found;
}

/** By the key nothing is read: it names what the plan hangs on beside the records. */
const plan = remembered((_key: string): readonly Planned[] => {
  const [organisation] = all("organisation");
  return dayPlan({
    user_id: signedIn.value?.user_id ?? "",
    now_ms: Date.now(),
    day: today(),
    begins_ms: new Date().setHours(0, 0, 0, 0),
    cadence_days: cadences(tierPolicy(), organisation?.cadence_days ?? Infinity),
    follow_up_by_visit: organisation?.follow_up_by_visit ?? true,
    standings: all("standing"),
    collaborators: all("collaborator"),
    follow_ups: all("follow_up"),
    instructions: open(),
    last_ms: lastContacts(),
    visited_ms: doneBy("visit"),
    contacted_ms: doneBy("visit", "contact_log"),
    falls: falls(),
    far_mm: distances(),
    left_out: mine().out,
  });
});

/** All stops of today, also those without a position. */
export function stops(): readonly Stop[] {
  const { day, from, out } = mine();
  const key = JSON.stringify([day, from, from === null && fix.value !== null, out, Math.floor(Date.now() / HOUR_MS)]);
  return plan(key).flatMap((planned): Stop[] => {
    const instruction = planned.reasons.map(({ record_id }) => one("instruction", record_id)).find((found) => found !== null) ?? null;
    const customer = planned.customer_id === null ? null : (byId("customer").get(planned.customer_id) ?? null);
    if (customer === null && planned.customer_id !== null) return [];
    const { wgs_latitude_e6: latitude_e6 = null, wgs_longitude_e6: longitude_e6 = null } = instruction ?? {};
    const place = latitude_e6 === null || longitude_e6 === null ? null : { latitude_e6, longitude_e6 };
    const at = customer === null ? place : (positionOf(customer) ?? place);
    return [{ planned, name: customer?.name ?? instruction?.place ?? "", customer, instruction, at }];
  });
}

const isPlaced = (stop: Stop): stop is Placed => stop.at !== null;
export const placedStops = (): readonly Placed[] => stops().filter(isPlaced);

/** The order of the day: as it stands, or made anew where a stop is not in it yet. */
export function ordered(found = placedStops(), anew = false): readonly Placed[] {
  const byStop = new Map(found.map((stop) => [stop.planned.id, stop]));
  const known = mine().order.filter((id) => byStop.has(id));
  if (known.length === found.length && !anew) return known.map((id) => byStop.get(id)!);
  const { pinned } = mine();
  const asked = found.map(({ at, planned: { id, weight, until_ms } }) => ({
    ...at,
    weight,
    place: pinned.includes(id) && known.includes(id) ? known.indexOf(id) : null,
    from_minute: null,
    until_minute: until_ms === null ? null : Math.max(0, Math.floor((until_ms - Date.now()) / MINUTE_MS)),
  }));
  return route(asked, start()).order.map((number) => found[number]!);
}

const idsOf = (found: readonly Placed[]): Id[] => found.map(({ planned: { id } }) => id);

/** Keeps the order that stands on the screen; without a position it may still change. */
export function hold(found: readonly Placed[]): void {
  const { order, from } = mine();
  const ids = idsOf(found);
  if (start() === null || (from !== null && ids.every((id) => order.includes(id)))) return;
  change({ order: ids, from: from ?? start() });
}

/** Where the ways are measured from: the phone, else the start. */
export const legs = (found: readonly Placed[]): readonly number[] =>
  legsMm(
    idsOf(found).map((_, at) => found[at]!.at),
    start(),
  );

export function put(found: readonly Placed[], from: number, to: number): void {
  const order = idsOf(found);
  const [id] = order.splice(from, 1);
  order.splice(to, 0, id!);
  change({ order, pinned: [...new Set([...mine().pinned, id!])] });
}

/** From where the rep is. `free`: also what the rep has put somewhere. */
export function again(free: boolean): void {
  if (free) change({ pinned: [] });
  change({ order: idsOf(ordered(placedStops(), true)), from: start() });
}

export const leaveOut = (id: Id): void => change({ out: [...mine().out, id] });
export const bringBack = (id: Id): void => change({ out: mine().out.filter((other) => other !== id) });
