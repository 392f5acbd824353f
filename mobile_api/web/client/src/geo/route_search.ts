/** The search for a short order of stops: it begins with the nearest each time, and then turns and moves parts of it (D-454, D-455). */

import type { Position } from "./datum.ts";

/** What it is worth, for each point of a stop's weight, to come to it one place earlier. */
const WEIGHT_MM = 10_000;
/** How far a rep comes in a minute as the crow flies: about 19 km/h by road. It orders stops with windows, and is told to nobody. */
const MINUTE_MM = 240_000;
/** Twenty minutes at each stop. */
const STAY_MM = 20 * MINUTE_MM;
const LATE = 3;
/** Eight hours. */
const SLACK_MM = 480 * MINUTE_MM;
/** Stops that are moved together. */
const SEGMENT_MAX = 3;
/** Changes of a part whose windows are looked at, those first that are shortest. */
const TRIED_MAX = 4;

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

/** First and last place, both included. */
type Part = readonly [first: number, last: number];
type Change = readonly [change: number, place: number, turned: number];

const inOrder = (one: Change, other: Change): number => one[0] - other[0] || one[1] - other[1] || one[2] - other[2];

/**
 * An order that becomes cheaper. `places`: what is kept at its place. `path`: the start, the stops and the end as numbers of points; the
 * stops stand at the places 1 to n. `heavy` and `moments`: sums of weight, and of weight times place, of all places before one. `late`:
 * what the windows cost.
 */
export class Search {
  private path: number[] = [];
  private readonly runs: Part[] = [];
  private heavy: number[] = [];
  private moments: number[] = [];
  private late = 0;
  /** What the windows of the places before each one cost. */
  private before: number[] = [];
  private version = 0;
  private strict = false;
  private readonly looked = new Map<string, number>();
  private readonly weights: readonly number[];
  private readonly opens: readonly number[];
  private readonly closes: readonly number[];
  private readonly windowed: boolean;
  private readonly count: number;
  private readonly far: readonly (readonly number[])[];
  private readonly places: ReadonlyMap<number, number>;

  constructor(stops: readonly Stop[], far: readonly (readonly number[])[], places: ReadonlyMap<number, number>) {
    this.count = stops.length;
    this.far = far;
    this.places = places;
    this.weights = [...stops.map(({ weight }) => weight * WEIGHT_MM), 0, 0];
    this.opens = stops.map(({ from_minute }) => (from_minute === null ? -Infinity : from_minute * MINUTE_MM));
    this.closes = stops.map(({ until_minute }) => (until_minute === null ? Infinity : until_minute * MINUTE_MM));
    this.windowed = stops.some(({ from_minute, until_minute }) => from_minute !== null || until_minute !== null);
    for (let first = 0, place = 0; place <= stops.length; place++)
      if (place === stops.length || places.has(place)) {
        if (first < place) this.runs.push([first + 1, place]);
        first = place + 1;
      }
  }

  /** What an order costs that begins with the nth nearest stop and cannot be bettered, and the order. */
  improved(nth: number): [cost: number, order: number[]] {
    this.begin(nth);
    this.strict = !this.windowed;
    for (;;) {
      const found = this.turned() || this.moved() || this.swapped();
      if (!found && this.strict) break;
      this.strict = !this.windowed || !found;
    }
    let cost = this.moments.at(-1)! + this.late;
    for (let place = 0; place < this.path.length - 1; place++) cost += this.way(place, place + 1);
    return [cost, this.path.slice(1, -1)];
  }

  /** From place to place the nearest stop that is left; one that presses, or closes soon, counts as nearer; of two the one named first. */
  private begin(nth: number): void {
    const count = this.count;
    const kept = new Set(this.places.values());
    const left = [...this.opens.keys()].filter((number) => !kept.has(number));
    let come = 0;
    this.path = [count];
    for (let place = 0; place < count; place++) {
      let chosen = this.places.get(place);
      const ways = this.far[this.path.at(-1)!]!;
      if (chosen === undefined) {
        const cost = (number: number): number => ways[number]! - this.weights[number]! - this.presses(number, come + ways[number]!);
        chosen = [...left].sort((one, other) => cost(one) - cost(other) || one - other)[Math.min(nth, left.length - 1)]!;
        nth = 0;
        left.splice(left.indexOf(chosen), 1);
      }
      come += ways[chosen]! + STAY_MM;
      this.path.push(chosen);
    }
    this.looked.clear();
    this.stand([...this.path, count + 1]);
  }

  /**
   * By how much a stop counts as nearer for a rep who would come to it then: by what is gone of the last SLACK_MM before it closes. Before
   * it opens it counts as farther.
   */
  private presses(number: number, come: number): number {
    return Math.max(0, come + SLACK_MM - this.closes[number]!) - LATE * Math.max(0, this.opens[number]! - come);
  }

  private stand(path: number[]): void {
    this.path = path;
    this.heavy = [0];
    this.moments = [0];
    path.forEach((number, place) => {
      this.heavy.push(this.heavy[place]! + this.weights[number]!);
      this.moments.push(this.moments[place]! + this.weights[number]! * place);
    });
    this.version += 1;
    this.before = [];
    this.late = this.lateOf(path, Infinity, this.before);
  }

  /** Whether these neighbours were looked at in vain; now they were. `strict`: since the path stands as it does. */
  private isKnown(...stops: number[]): boolean {
    const key = stops.join();
    const looked = this.looked.get(key);
    this.looked.set(key, this.version);
    return this.strict ? looked === this.version : looked !== undefined;
  }

  /** What the windows cost, or the first sum that is no less than `most`; a rep who is too early does not wait. */
  private lateOf(path: readonly number[], most: number, before: number[] = []): number {
    let cost = 0;
    for (let place = 1, gone = 0; this.windowed && place < path.length - 1 && cost < most; place++, gone += STAY_MM) {
      const number = path[place]!;
      before[place] = cost;
      gone += this.far[path[place - 1]!]![number]!;
      cost += LATE * Math.max(0, this.opens[number]! - gone, gone - this.closes[number]!);
    }
    return cost;
  }

  /** What the windows from this place on cost. */
  private behind(place: number): number {
    return this.late - (this.before[place] ?? 0);
  }

  /** The first of these changes whose path is cheaper, also by its windows, stands. Whether there was one. */
  private take(found: Change[], pathOf: (change: Change) => number[]): boolean {
    for (const change of found.sort(inOrder).slice(0, TRIED_MAX)) {
      const path = pathOf(change);
      if (this.lateOf(path, this.late - change[0]) >= this.late - change[0]) continue;
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
    if (this.isKnown(path[first - 1]!, path[first]!)) return false;
    const found: Change[] = [];
    for (let last = first + 1; last <= high; last++) {
      const wider = this.way(first - 1, last) + this.way(first, last + 1) - this.way(first - 1, first) - this.way(last, last + 1);
      const change = wider + this.inside([first, last]);
      if (change < this.behind(first)) found.push([change, last, 0]);
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
    if (this.isKnown(path[first - 1]!, path[first]!, path[last]!, path[last + 1]!)) return false;
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
      const most = this.behind(gap > last ? first : low);
      if (straight < most) found.push([straight, gap, 0]);
      if (turned < most && last > first) found.push([turned, gap, 1]);
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
    return change < this.behind(first) && this.take([[change, 0, 0]], () => path);
  }
}
