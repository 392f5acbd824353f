/** What is around a place: customers by distance (D-460), and the tiles that a phone keeps for it (P-126). */

import { radians, rounded } from "./arithmetic.ts";
import { flatDistanceMm, LATITUDE_MAX_E6 } from "./distance.ts";
import { tile } from "./grid.ts";
import type { Position } from "./datum.ts";
import { TILES_MAX, type Customer } from "../generated/schema.ts";

/** About 9 km, in micro-degrees of latitude. */
export const NEAR_E6 = 80_000;
/** Customers without a position (D-122). */
export const NOWHERE_TILE = 0;

/** Tiles within about NEAR_E6 of a place, its own last: next to an edge of a tile the neighbours count too. */
export function tilesAround(at: Position): number[] {
  const eastE6 = rounded(NEAR_E6 / Math.max(Math.cos(radians(at.latitude_e6 / 1e6)), 0.01));
  const near: number[] = [];
  for (const north of [-NEAR_E6, NEAR_E6, 0]) {
    const latitude = Math.max(-LATITUDE_MAX_E6, Math.min(LATITUDE_MAX_E6, at.latitude_e6 + north));
    for (const east of [-eastE6, eastE6, 0]) near.push(tile(latitude, at.longitude_e6 + east));
  }
  return [...new Set(near.reverse())].reverse();
}

/**
 * At most TILES_MAX tiles, the most wanted first (P-135): the tiles asked for last, customers without a position, then those with most of
 * the user's own customers.
 */
export function tilesToKeep(
  customers: Iterable<Pick<Customer, "wgs_latitude_e6" | "wgs_longitude_e6">>,
  asked: readonly number[],
): number[] {
  const own = new Map<number, number>();
  for (const { wgs_latitude_e6: latitude, wgs_longitude_e6: longitude } of customers) {
    if (latitude === null || longitude === null) continue;
    const number = tile(latitude, longitude);
    own.set(number, (own.get(number) ?? 0) + 1);
  }
  const crowded = [...own].sort((left, right) => right[1] - left[1] || left[0] - right[0]).map(([number]) => number);
  return [...new Set([...[...asked].reverse(), NOWHERE_TILE, ...crowded])].slice(0, TILES_MAX);
}

/** A customer at a WGS-84 place: of a pooled one the middle of its masked square. `id`: uuid text. */
export interface Placed {
  id: string;
  latitude_e6: number;
  longitude_e6: number;
}

/** How far a customer is, and which: they stand in this order. */
export interface Near {
  distance_mm: number;
  id: string;
}

/** The customers within a radius of a place, nearest first; with `after` those alone that come after it. */
export function nearest(places: Iterable<Placed>, at: Position, radiusM: number, after: Near | null = null): Near[] {
  const found: Near[] = [];
  for (const { id, latitude_e6, longitude_e6 } of places) {
    const one = { distance_mm: flatDistanceMm(at.latitude_e6, at.longitude_e6, latitude_e6, longitude_e6), id };
    if (one.distance_mm <= radiusM * 1_000 && (after === null || inOrder(after, one) < 0)) found.push(one);
  }
  return found.sort(inOrder);
}

function inOrder(left: Near, right: Near): number {
  return left.distance_mm - right.distance_mm || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);
}
