/**
 * Between WGS-84 and the two shifted datums of Chinese maps, GCJ-02 and BD-09. Both are published only as forward formulas (the constants
 * below are the well-known ones); the way back is a fixed point.
 */

import { radians, rounded } from "./arithmetic.ts";
import { LATITUDE_MAX_E6, LONGITUDE_MAX_E6 } from "./distance.ts";
import { Datum } from "../generated/schema.ts";

/** A point in integer micro-degrees; WGS-84 unless a datum is named beside it. */
export interface Position {
  readonly latitude_e6: number;
  readonly longitude_e6: number;
}

type Point = readonly [latitude: number, longitude: number];

const KRASOVSKY_SEMI_MAJOR_M = 6_378_245;
const KRASOVSKY_ECCENTRICITY_SQUARED = 0.00669342162296594323;
const [CHINA_SOUTH, CHINA_NORTH, CHINA_WEST, CHINA_EAST] = [0.8293, 55.8271, 72.004, 137.8347];
const BD09_WAVE = radians(3000);
const ITERATIONS = 3;
const { PI, sin } = Math;

/**
 * The WGS-84 position of a point given in `datum`, within 1 cm before it is rounded to a micro-degree (11 cm). GCJ-02 outside the rectangle
 * around China is WGS-84 already. Throws RangeError for an unknown datum.
 */
export function toWgs84(datum: Datum, latitudeE6: number, longitudeE6: number): Position {
  const point: Point = [latitudeE6 / 1e6, longitudeE6 / 1e6];
  if (datum === Datum.wgs84) return { latitude_e6: latitudeE6, longitude_e6: longitudeE6 };
  if (datum === Datum.gcj02) return position(gcj02ToWgs84(point));
  if (datum === Datum.bd09) return position(gcj02ToWgs84(inverse(gcj02ToBd09, point)));
  throw new RangeError(`no way to WGS-84 from datum ${datum}`);
}

/**
 * The WGS-84 position of the given one. Null for no position: missing, off the globe, of unknown datum, or (0, 0), which broken devices
 * send. Never throws.
 */
export function knownPosition(datum: Datum, latitudeE6: number | null, longitudeE6: number | null): Position | null {
  if (latitudeE6 === null || longitudeE6 === null || datum === Datum.unknown || (latitudeE6 === 0 && longitudeE6 === 0)) return null;
  if (!isOnGlobe(latitudeE6, longitudeE6)) return null;
  const found = toWgs84(datum, latitudeE6, longitudeE6);
  // Baidu's constant shift alone can carry a point at the very edge over it.
  return isOnGlobe(found.latitude_e6, found.longitude_e6) ? found : null;
}

/** The micro-degrees that a device measuring in `datum` reports at this WGS-84 point. Throws RangeError for an unknown datum. */
export function fromWgs84(datum: Datum, latitudeE6: number, longitudeE6: number): Position {
  const point: Point = [latitudeE6 / 1e6, longitudeE6 / 1e6];
  if (datum === Datum.wgs84) return { latitude_e6: latitudeE6, longitude_e6: longitudeE6 };
  if (datum === Datum.gcj02) return position(wgs84ToGcj02(point));
  if (datum === Datum.bd09) return position(gcj02ToBd09(wgs84ToGcj02(point)));
  throw new RangeError(`no way from WGS-84 to datum ${datum}`);
}

function isOnGlobe(latitudeE6: number, longitudeE6: number): boolean {
  return Math.abs(latitudeE6) <= LATITUDE_MAX_E6 && Math.abs(longitudeE6) <= LONGITUDE_MAX_E6;
}

function position([latitude, longitude]: Point): Position {
  return { latitude_e6: rounded(latitude * 1e6), longitude_e6: rounded(longitude * 1e6) };
}

/** The point which `forward` sends to `point`; the shifts change so slowly that each round gains about two digits. */
function inverse(forward: (point: Point) => Point, point: Point): Point {
  let guess = point;
  for (let round = 0; round < ITERATIONS; round++) {
    const image = forward(guess);
    guess = [guess[0] + point[0] - image[0], guess[1] + point[1] - image[1]];
  }
  return guess;
}

/** The rectangle of the published formula; it also holds parts of the neighbours, whose maps do not use GCJ-02. */
function isInChina([latitude, longitude]: Point): boolean {
  return CHINA_SOUTH! <= latitude && latitude <= CHINA_NORTH! && CHINA_WEST! <= longitude && longitude <= CHINA_EAST!;
}

function wgs84ToGcj02(point: Point): Point {
  return isInChina(point) ? shifted(point) : point;
}

/** Only the given point decides about the border: a guess that strays over it would otherwise jump by the whole shift. */
function gcj02ToWgs84(point: Point): Point {
  return isInChina(point) ? inverse(shifted, point) : point;
}

/** The GCJ-02 shift, applied wherever the point is: waves in metres, turned into degrees on Krasovsky's ellipsoid. */
function shifted([latitude, longitude]: Point): Point {
  const [northM, eastM] = wavesM(longitude - 105, latitude - 35);
  const bulge = 1 - KRASOVSKY_ECCENTRICITY_SQUARED * sin(radians(latitude)) ** 2;
  const eastRadiusM = KRASOVSKY_SEMI_MAJOR_M / Math.sqrt(bulge);
  const northRadiusM = (eastRadiusM * (1 - KRASOVSKY_ECCENTRICITY_SQUARED)) / bulge;
  return [latitude + northM / radians(northRadiusM), longitude + eastM / radians(eastRadiusM * Math.cos(radians(latitude)))];
}

/** Shift to the north and to the east in metres, `x` and `y` in degrees from 105° E 35° N. */
function wavesM(x: number, y: number): [north: number, east: number] {
  const root = Math.sqrt(Math.abs(x));
  const shared = 20 * sin(6 * PI * x) + 20 * sin(2 * PI * x);
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
  north += ((shared + 20 * sin(PI * y) + 40 * sin((PI * y) / 3) + 160 * sin((PI * y) / 12) + 320 * sin((PI * y) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root;
  east += ((shared + 20 * sin(PI * x) + 40 * sin((PI * x) / 3) + 150 * sin((PI * x) / 12) + 300 * sin((PI * x) / 30)) * 2) / 3;
  return [north, east];
}

/** Baidu's second shift: a ripple in the polar coordinates of (longitude, latitude) taken as a plane, then a constant. */
function gcj02ToBd09([latitude, longitude]: Point): Point {
  const radius = Math.hypot(longitude, latitude) + 0.00002 * sin(latitude * BD09_WAVE);
  const angle = Math.atan2(latitude, longitude) + 0.000003 * Math.cos(longitude * BD09_WAVE);
  return [radius * sin(angle) + 0.006, radius * Math.cos(angle) + 0.0065];
}
