/**
 * Places as integers: cells, tiles, covers of a disc, and the masked position of a pooled customer.
 *
 * A grid has rows of one height in degrees, numbered from the south pole, and in each row as many columns as keep a cell about square; a
 * cell is `row * 2^18 + column`. That leaves 32 bits, so no bit operator may touch it.
 */

import { degrees, radians, remainder, rounded } from "./arithmetic.ts";
import { LATITUDE_MAX_E6, LONGITUDE_MAX_E6 } from "./distance.ts";
import type { Position } from "./datum.ts";

/** Largest disc: about 182 rows of cells. */
export const RADIUS_MAX_M = 50_000;
const COLUMNS = 2 ** 18;
const TURN_E6 = 2 * LONGITUDE_MAX_E6;
const POLAR_RADIUS_M = 6_356_752.314;
/** Radius of curvature of a WGS-84 meridian where it is smallest: a metre is nowhere more latitude than there. */
const MERIDIAN_RADIUS_MIN_M = 6_335_439.327;
const AXES = 1 - 1 / 298.257223563;
/** Put around every cover: more than the rounding of all that is computed. */
const EDGE_E6 = 1;
/** Heights of a row in micro-degrees; each divides half a turn. */
const CELL_E6 = 5_000;
const MASK_E6 = 1_800;
const TILE_E6 = 180_000;

/** Cells of one row from `first` to `last`, both included. */
export interface CellRange {
  readonly first: number;
  readonly last: number;
}

/** The cell of about 550 m that holds a WGS-84 point. Longitudes wrap; throws RangeError for a latitude beyond the poles. */
export function cell(latitudeE6: number, longitudeE6: number): number {
  return numberAt(CELL_E6, latitudeE6, longitudeE6);
}

/** The middle of a cell. Throws RangeError when there is no such cell. */
export function cellCentre(number: number): Position {
  return centre(CELL_E6, number);
}

/** The tile of about 20 km that holds a point: the unit to which a device subscribes. Wraps and throws as `cell`. */
export function tile(latitudeE6: number, longitudeE6: number): number {
  return numberAt(TILE_E6, latitudeE6, longitudeE6);
}

/** The place where a pooled customer is told to be: the middle of a square of about 200 m, the same for all customers in it. */
export function masked(latitudeE6: number, longitudeE6: number): Position {
  return centre(MASK_E6, numberAt(MASK_E6, latitudeE6, longitudeE6));
}

/**
 * Cells that hold every point within `radiusM` of a point: rising, none twice; one range a row, two across the antimeridian. Points
 * outside are among them: the caller measures. Throws RangeError beyond RADIUS_MAX_M, below 0, or beyond the poles.
 */
export function cover(latitudeE6: number, longitudeE6: number, radiusM: number): CellRange[] {
  refuseLatitude(latitudeE6);
  if (!(radiusM >= 0 && radiusM <= RADIUS_MAX_M)) throw new RangeError(`no radius: ${radiusM} m`);
  const reachE6 = Math.ceil(degrees(radiusM / MERIDIAN_RADIUS_MIN_M) * 1e6) + EDGE_E6;
  const south = rowOf(CELL_E6, Math.max(latitudeE6 - reachE6, -LATITUDE_MAX_E6));
  const north = rowOf(CELL_E6, Math.min(latitudeE6 + reachE6, LATITUDE_MAX_E6));
  const disc: Disc = { latitude: parametric(latitudeE6), radius: radiusM / POLAR_RADIUS_M };
  const edge = (row: number): number => parametric(row * CELL_E6 - LATITUDE_MAX_E6);
  const found: CellRange[] = [];
  for (let row = south; row <= north; row++) found.push(...within(row, turned(longitudeE6), halfWidthE6(disc, edge(row), edge(row + 1))));
  return found;
}

/** The pole itself belongs to the last row. */
function rowOf(rowE6: number, latitudeE6: number): number {
  return Math.floor(Math.min(latitudeE6 + LATITUDE_MAX_E6, 2 * LATITUDE_MAX_E6 - 1) / rowE6);
}

/** How many cells go round the globe in a row. */
function columnsOf(rowE6: number, row: number): number {
  const middleE6 = row * rowE6 + rowE6 / 2 - LATITUDE_MAX_E6;
  return Math.max(1, rounded((TURN_E6 / rowE6) * Math.cos(radians(middleE6 / 1e6))));
}

function numberAt(rowE6: number, latitudeE6: number, longitudeE6: number): number {
  refuseLatitude(latitudeE6);
  const row = rowOf(rowE6, latitudeE6);
  return row * COLUMNS + Math.floor((turned(longitudeE6) * columnsOf(rowE6, row)) / TURN_E6);
}

function centre(rowE6: number, number: number): Position {
  const column = remainder(number, COLUMNS);
  const row = (number - column) / COLUMNS;
  if (row < 0 || row >= (2 * LATITUDE_MAX_E6) / rowE6 || column >= columnsOf(rowE6, row)) throw new RangeError(`no cell: ${number}`);
  const longitude_e6 = Math.floor(((2 * column + 1) * TURN_E6) / (2 * columnsOf(rowE6, row))) - LONGITUDE_MAX_E6;
  return { latitude_e6: row * rowE6 + rowE6 / 2 - LATITUDE_MAX_E6, longitude_e6 };
}

/** A disc on the unit sphere of parametric latitudes, in radians: a point within r metres is within r / polar radius. */
interface Disc {
  readonly latitude: number;
  readonly radius: number;
}

/** How far east and west of its middle the disc may reach between two latitudes; null when it may go all round. */
function halfWidthE6(disc: Disc, south: number, north: number): number | null {
  const apart = Math.max(south - disc.latitude, disc.latitude - north, 0);
  const left = Math.sin(disc.radius / 2) ** 2 - Math.sin(apart / 2) ** 2;
  const narrowest = Math.cos(disc.latitude) * Math.cos(Math.max(-south, north));
  if (left >= narrowest || narrowest <= 0) return null;
  return Math.ceil(degrees(2 * Math.asin(Math.sqrt(Math.max(left, 0) / narrowest))) * 1e6) + EDGE_E6;
}

function within(row: number, middleE6: number, halfE6: number | null): CellRange[] {
  const columns = columnsOf(CELL_E6, row);
  const base = row * COLUMNS;
  const whole = { first: base, last: base + columns - 1 };
  if (halfE6 === null || 2 * halfE6 >= TURN_E6) return [whole];
  const column = (longitudeE6: number): number => base + Math.floor((remainder(longitudeE6, TURN_E6) * columns) / TURN_E6);
  const [westE6, eastE6] = [middleE6 - halfE6, middleE6 + halfE6];
  const [first, last] = [column(westE6), column(eastE6)];
  if (westE6 >= 0 && eastE6 < TURN_E6) return [{ first, last }];
  if (first <= last) return [whole]; // all round: both ends lie in one column, or touch
  return [
    { first: whole.first, last },
    { first, last: whole.last },
  ];
}

/** β of a geographic latitude φ, in radians: tan β = b/a tan φ. */
function parametric(latitudeE6: number): number {
  const latitude = radians(latitudeE6 / 1e6);
  return Math.abs(latitudeE6) === LATITUDE_MAX_E6 ? latitude : Math.atan(AXES * Math.tan(latitude));
}

/** Micro-degrees east of the antimeridian, below one turn. */
function turned(longitudeE6: number): number {
  return remainder(longitudeE6 + LONGITUDE_MAX_E6, TURN_E6);
}

function refuseLatitude(latitudeE6: number): void {
  if (Math.abs(latitudeE6) > LATITUDE_MAX_E6) throw new RangeError(`no latitude: ${latitudeE6} micro-degrees`);
}
