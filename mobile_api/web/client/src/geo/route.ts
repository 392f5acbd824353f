/**
 * The order in which a rep goes from stop to stop: short, the same every time, and alike on phone and server (D-454 to D-456).
 *
 * All is counted in millimetres as the crow flies. Beside its length an order costs what presses and what is late: a stop costs its weight
 * for each place that it comes later, and a stop outside its window costs LATE for each millimetre by which its rep comes too late or too
 * early.
 */

import type { Position } from "./datum.ts";
import { flatDistanceMm } from "./distance.ts";

const STOPS_MAX = 60;
const WEIGHT_MAX = 100;
/** What it is worth, for each point of a stop's weight, to come to it one place earlier. */
const WEIGHT_MM = 10_000;
/** How far a rep comes in a minute as the crow flies: about 19 km/h by road. It orders stops with windows, and is told to nobody. */
const MINUTE_MM = 240_000;
/** Twenty minutes at each stop. */
const STAY_MM = 20 * MINUTE_MM;
const LATE = 3;
/** Stops that are moved together. */
const SEGMENT_MAX = 3;
/** Changes of a part whose windows are looked at, those first that are shortest. */
const TRIED_MAX = 4;
const FEW = 12;
const BEGINNINGS = 60;

/**
 * A WGS-84 point to visit. `weight`: how much it presses, 0 to WEIGHT_MAX. `place`: where it stays in the order, from 0; null: anywhere.
 * `from_minute`, `until_minute`: its window, in minutes after the start; null: open.
 */
export interface Stop extends Position {
  readonly weight: number;
  readonly place: number | null;
  readonly from_minute: number | null;
  readonly until_minute: number | null;
}

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
  if (count > STOPS_MAX || stops.some(({ weight }) => weight < 0 || weight > WEIGHT_MAX))
    throw new RangeError(`no route: ${count} stops, or a weight that is none`);
  const places = new Map<number, number>();
  stops.forEach(({ place }, number) => {
    if (place === null) return;
    if (place < 0 || place >= count || places.has(place))
      throw new RangeError("no route: two stops want one place, or a stop one that is none");
    places.set(place, number);
  });
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

/** First and last place, both included. */
type Part = readonly [first: number, last: number];
type Change = readonly [change: number, place: number, turned: number];

const inOrder = (one: Change, other: Change): number => one[0] - other[0] || one[1] - other[1] || one[2] - other[2];

/**
 * An order that becomes cheaper. `places`: what is kept at its place. `path`: the start, the stops and the end as numbers of points; the
 * stops stand at the places 1 to n. `heavy` and `moments`: sums of weight, and of weight times place, of all places before one. `late`:
 * what the windows cost.
 */
class Search {
  private path: number[] = [];
  private readonly runs: Part[] = [];
  private heavy: number[] = [];
  private moments: number[] = [];
  private late = 0;
  private readonly weights: readonly number[];
  private readonly windows: readonly number[];
  private readonly stops: readonly Stop[];
  private readonly far: readonly (readonly number[])[];
  private readonly places: ReadonlyMap<number, number>;

  constructor(stops: readonly Stop[], far: readonly (readonly number[])[], places: ReadonlyMap<number, number>) {
    this.stops = stops;
    this.far = far;
    this.places = places;
    this.weights = [...stops.map(({ weight }) => weight * WEIGHT_MM), 0, 0];
    this.windows = stops.flatMap((stop, number) => (stop.from_minute === null && stop.until_minute === null ? [] : [number]));
    for (let first = 0, place = 0; place <= stops.length; place++)
      if (place === stops.length || places.has(place)) {
        if (first < place) this.runs.push([first + 1, place]);
        first = place + 1;
      }
  }

  /** What an order costs that begins with the nth nearest stop and cannot be bettered, and the order. */
  improved(nth: number): [cost: number, order: number[]] {
    this.begin(nth);
    while (this.turned() || this.moved() || this.swapped());
    let cost = this.moments.at(-1)! + this.late;
    for (let place = 0; place < this.path.length - 1; place++) cost += this.way(place, place + 1);
    return [cost, this.path.slice(1, -1)];
  }

  /** From place to place the nearest stop that is left, where one that presses counts as nearer; of two the one named first. */
  private begin(nth: number): void {
    const count = this.stops.length;
    const kept = new Set(this.places.values());
    const left = this.stops.map((_, number) => number).filter((number) => !kept.has(number));
    this.path = [count];
    for (let place = 0; place < count; place++) {
      let chosen = this.places.get(place);
      if (chosen === undefined) {
        const ways = this.far[this.path.at(-1)!]!;
        const cost = (number: number): number => ways[number]! - this.weights[number]!;
        chosen = [...left].sort((one, other) => cost(one) - cost(other) || one - other)[Math.min(nth, left.length - 1)]!;
        nth = 0;
        left.splice(left.indexOf(chosen), 1);
      }
      this.path.push(chosen);
    }
    this.stand([...this.path, count + 1]);
  }

  private stand(path: number[]): void {
    this.path = path;
    this.heavy = [0];
    this.moments = [0];
    path.forEach((number, place) => {
      this.heavy.push(this.heavy[place]! + this.weights[number]!);
      this.moments.push(this.moments[place]! + this.weights[number]! * place);
    });
    this.late = this.lateOf(path);
  }

  /** What the windows cost; a rep who is too early does not wait. */
  private lateOf(path: readonly number[]): number {
    if (this.windows.length === 0) return 0;
    const come = new Map<number, number>();
    let gone = 0;
    for (let place = 1; place < path.length - 1; place++) {
      gone += this.far[path[place - 1]!]![path[place]!]!;
      come.set(path[place]!, gone);
      gone += STAY_MM;
    }
    let cost = 0;
    for (const number of this.windows) {
      const { from_minute, until_minute } = this.stops[number]!;
      if (from_minute !== null) cost += Math.max(0, from_minute * MINUTE_MM - come.get(number)!);
      if (until_minute !== null) cost += Math.max(0, come.get(number)! - until_minute * MINUTE_MM);
    }
    return cost * LATE;
  }

  /** The first of these changes whose path is cheaper, also by its windows, stands. Whether there was one. */
  private take(found: Change[], pathOf: (change: Change) => number[]): boolean {
    for (const change of found.sort(inOrder).slice(0, TRIED_MAX)) {
      const path = pathOf(change);
      if (change[0] + this.lateOf(path) >= this.late) continue;
      this.stand(path);
      return true;
    }
    return false;
  }

  private way(one: number, other: number): number {
    return this.far[this.path[one]!]![this.path[other]!]!;
  }

  /** 2-opt: a part of a run in the other direction. Whether anything was cheaper. */
  private turned(): boolean {
    let found = false;
    for (const [low, high] of this.runs) for (let first = low; first < high; first++) found = this.turnedFrom(first, high) || found;
    return found;
  }

  private turnedFrom(first: number, high: number): boolean {
    const { path } = this;
    const found: Change[] = [];
    for (let last = first + 1; last <= high; last++) {
      const wider = this.way(first - 1, last) + this.way(first, last + 1) - this.way(first - 1, first) - this.way(last, last + 1);
      const change = wider + this.inside([first, last]);
      if (change < this.late) found.push([change, last, 0]);
    }
    return this.take(found, ([, last]) => [...path.slice(0, first), ...path.slice(first, last + 1).reverse(), ...path.slice(last + 1)]);
  }

  /** What the weights make of a part in the other direction. */
  private inside([first, last]: Part): number {
    return (first + last) * this.weight([first, last]) - 2 * (this.moments[last + 1]! - this.moments[first]!);
  }

  private weight([first, last]: Part): number {
    return this.heavy[last + 1]! - this.heavy[first]!;
  }

  /** Or-opt: up to SEGMENT_MAX neighbours elsewhere in their run, in either direction. Whether anything was cheaper. */
  private moved(): boolean {
    for (let more = 0; more < SEGMENT_MAX; more++) {
      let found = false;
      for (const run of this.runs)
        for (let first = run[0]; first <= run[1] - more; first++) found = this.movedFrom([first, first + more], run) || found;
      if (found) return true;
    }
    return false;
  }

  private movedFrom(part: Part, [low, high]: Part): boolean {
    const [first, last] = part;
    const { path } = this;
    const saved = this.way(first - 1, first) + this.way(last, last + 1) - this.way(first - 1, last + 1);
    const [weight, inside] = [this.weight(part), this.inside(part)];
    const found: Change[] = [];
    for (let gap = low - 1; gap <= high; gap++) {
      if (gap >= first - 1 && gap <= last) continue;
      const passed = gap > last ? -this.weight([last + 1, gap]) : this.weight([gap + 1, first - 1]);
      const shift = gap > last ? gap - last : gap + 1 - first;
      const common = passed * (last - first + 1) + shift * weight - this.way(gap, gap + 1) - saved;
      const straight = this.way(first, gap) + this.way(last, gap + 1) + common;
      const turned = this.way(last, gap) + this.way(first, gap + 1) + common + inside;
      if (straight < this.late) found.push([straight, gap, 0]);
      if (turned < this.late && last > first) found.push([turned, gap, 1]);
    }
    return this.take(found, ([, gap, turned]) => {
      const moved = path.slice(first, last + 1);
      if (turned === 1) moved.reverse();
      const rest = [...path.slice(0, first), ...path.slice(last + 1)];
      rest.splice(gap > last ? gap - last + first : gap + 1, 0, ...moved);
      return rest;
    });
  }

  /** Two stops of different runs change places: what is kept at its place stands between them. Whether anything was cheaper. */
  private swapped(): boolean {
    let found = false;
    this.runs.forEach(([low, high], at) => {
      for (const [laterLow, laterHigh] of this.runs.slice(at + 1))
        for (let first = low; first <= high; first++)
          for (let second = laterLow; second <= laterHigh; second++) found = this.swappedAt(first, second) || found;
    });
    return found;
  }

  private swappedAt(first: number, second: number): boolean {
    const path = [...this.path];
    const [one, other] = [path[first]!, path[second]!];
    let change = (second - first) * (this.weights[one]! - this.weights[other]!);
    for (const [place, was, now] of [
      [first, one, other],
      [second, other, one],
    ] as const)
      // prettier-ignore
      for (const at of [place - 1, place + 1]) change += this.far[now]![path[at]!]! - this.far[was]![path[at]!]!;
    [path[first], path[second]] = [other, one];
    return change < this.late && this.take([[change, 0, 0]], () => path);
  }
}
