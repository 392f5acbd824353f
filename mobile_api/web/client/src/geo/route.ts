/**
 * The order in which a rep goes from stop to stop: short, the same every time, and alike on phone and server (D-454 to D-456).
 *
 * All is counted in millimetres as the crow flies. Beside its length an order costs what presses and what is late: a stop costs its weight
 * for each place that it comes later, and a stop outside its window costs LATE for each millimetre by which its rep comes too late or too
 * early.
 */

import type { Position } from "./datum.ts";
import { flatDistanceMm } from "./distance.ts";
import { Search, type Stop } from "./route_search.ts";

export type { Stop } from "./route_search.ts";

const STOPS_MAX = 60;
const WEIGHT_MAX = 100;
const FEW = 12;
const BEGINNINGS = 60;

/** `order`: numbers of the stops. `legs_mm`: the way to each of them, and to the end if there is one; 0 to the first without a start. */
export interface Route {
  readonly order: readonly number[];
  readonly legs_mm: readonly number[];
}

/**
 * Nearest neighbour, then 2-opt and or-opt until neither finds anything. Throws RangeError beyond STOPS_MAX and WEIGHT_MAX, for a latitude
 * that is none, and where two stops want one place or one that is none.
 */
export function route(stops: readonly Stop[], start: Position | null = null, end: Position | null = null): Route {
  const count = stops.length;
  const places = new Map<number, number>();
  let isWrong = count > STOPS_MAX;
  stops.forEach(({ place, weight }, number) => {
    isWrong ||= weight < 0 || weight > WEIGHT_MAX || (place !== null && (place < 0 || place >= count || places.has(place)));
    if (place !== null) places.set(place, number);
  });
  if (isWrong) throw new RangeError("no route: too many stops, or a weight or a place that is none");
  const search = new Search(stops, distances(stops, start, end), places);
  let [least, order]: [number, number[]] = [Infinity, []];
  for (let nth = 0; nth < (count <= FEW ? count : Math.max(1, Math.floor(BEGINNINGS / count))); nth++) {
    const [cost, found] = search.improved(nth);
    if (cost < least) [least, order] = [cost, found];
  }
  const way = order.map((number) => stops[number]!);
  return { order, legs_mm: legsMm(way, start, end) };
}

/** The ways of an order that stands: to each stop from the one before, the first from the start, and to the end if there is one. */
export function legsMm(stops: readonly Position[], start: Position | null = null, end: Position | null = null): number[] {
  if (stops.length === 0) return [];
  const way = [start ?? stops[0]!, ...stops, ...(end === null ? [] : [end])];
  return way.slice(1).map((point, at) => between(way[at]!, point));
}

/** An estimate of the way by road, and no more than that: 1.3 times the crow's (D-456). */
export const byRoadMm = (lengthMm: number): number => Math.floor((lengthMm * 13) / 10);

const between = (one: Position, other: Position): number =>
  flatDistanceMm(one.latitude_e6, one.longitude_e6, other.latitude_e6, other.longitude_e6);

/** Between all stops, then the start and the end; what is not there is next to everything. */
function distances(stops: readonly Stop[], start: Position | null, end: Position | null): number[][] {
  const points = [...stops, start, end];
  const found = points.map(() => points.map(() => 0));
  points.forEach((here, one) =>
    points.slice(0, one).forEach((there, other) => {
      // from the one named first: the last digit must not hang on the direction
      if (here !== null && there !== null) found[one]![other] = found[other]![one] = between(there, here);
    }),
  );
  return found;
}
