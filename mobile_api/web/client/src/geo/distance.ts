/**
 * How far two WGS-84 points are from each other: to the millimetre, and fast enough to rank by.
 *
 * The server measures a visit by Karney's geodesic. Here stands Vincenty's iteration, a tenth of its size: of 36,000 pairs up to 2 km
 * apart all agree to the millimetre, of 36,000 farther ones 117 are off by one and none by more. Nearly opposite points, for which it does
 * not settle, are measured on a sphere, within 0.1 %.
 */

import { radians, remainder, rounded } from "./arithmetic.ts";

export const LATITUDE_MAX_E6 = 90_000_000;
export const LONGITUDE_MAX_E6 = 180_000_000;
const SEMI_MAJOR_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;
const SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING);
const MEAN_RADIUS_M = 6_371_008.8;
const ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING);
const FLAT_LATITUDE_MAX_E6 = 70_000_000;
const TURN_E6 = 2 * LONGITUDE_MAX_E6;
const ROUNDS_MAX = 100;
const SETTLED = 1e-14;

/** Geodesic distance on the WGS-84 ellipsoid in millimetres. Longitudes wrap; throws RangeError for a latitude beyond the poles. */
export function distanceMm(fromLatitudeE6: number, fromLongitudeE6: number, toLatitudeE6: number, toLongitudeE6: number): number {
  if (Math.max(Math.abs(fromLatitudeE6), Math.abs(toLatitudeE6)) > LATITUDE_MAX_E6)
    throw new RangeError(`no latitude: ${fromLatitudeE6} or ${toLatitudeE6} micro-degrees`);
  const east = radians(eastE6(fromLongitudeE6, toLongitudeE6) / 1e6);
  return rounded(geodesicM(reduced(fromLatitudeE6), reduced(toLatitudeE6), east) * 1000);
}

/**
 * Distance in millimetres by the two radii of curvature at the middle latitude, for ranking.
 *
 * Off by at most 0.5 m at 50 km up to 60° of latitude and 1.1 m up to 70°; above 70° it is the geodesic. Far beyond 50 km it only says
 * "far". Longitudes wrap; throws RangeError for a latitude beyond the poles.
 */
export function flatDistanceMm(fromLatitudeE6: number, fromLongitudeE6: number, toLatitudeE6: number, toLongitudeE6: number): number {
  if (Math.max(Math.abs(fromLatitudeE6), Math.abs(toLatitudeE6)) > FLAT_LATITUDE_MAX_E6)
    return distanceMm(fromLatitudeE6, fromLongitudeE6, toLatitudeE6, toLongitudeE6);
  const middle = radians((fromLatitudeE6 + toLatitudeE6) / 2e6);
  const bulge = 1 - ECCENTRICITY_SQUARED * Math.sin(middle) ** 2;
  const eastRadiusM = SEMI_MAJOR_M / Math.sqrt(bulge);
  const northRadiusM = (eastRadiusM * (1 - ECCENTRICITY_SQUARED)) / bulge;
  const northM = northRadiusM * radians((toLatitudeE6 - fromLatitudeE6) / 1e6);
  const eastM = eastRadiusM * Math.cos(middle) * radians(eastE6(fromLongitudeE6, toLongitudeE6) / 1e6);
  return rounded(Math.hypot(northM, eastM) * 1000);
}

/** The shorter way round, wrapped as an integer, so that it crosses the antimeridian without rounding. */
function eastE6(fromLongitudeE6: number, toLongitudeE6: number): number {
  return remainder(toLongitudeE6 - fromLongitudeE6 + LONGITUDE_MAX_E6, TURN_E6) - LONGITUDE_MAX_E6;
}

/** A latitude on the auxiliary sphere, as sine and cosine. */
interface Reduced {
  readonly sine: number;
  readonly cosine: number;
}

function reduced(latitudeE6: number): Reduced {
  const latitude = radians(latitudeE6 / 1e6);
  const [rise, run] = [(1 - FLATTENING) * Math.sin(latitude), Math.cos(latitude)];
  const length = Math.hypot(rise, run);
  return { sine: rise / length, cosine: run / length };
}

/** The arc between two points of the auxiliary sphere, and how it lies. */
interface Arc {
  readonly sine: number;
  readonly cosine: number;
  readonly length: number;
  readonly azimuthSine: number;
  readonly azimuthCosineSquared: number;
  readonly middleCosine: number;
}

function arcOf(from: Reduced, to: Reduced, longitude: number): Arc {
  const across = to.cosine * Math.sin(longitude);
  const along = from.cosine * to.sine - from.sine * to.cosine * Math.cos(longitude);
  const sine = Math.hypot(across, along);
  const cosine = from.sine * to.sine + from.cosine * to.cosine * Math.cos(longitude);
  const azimuthSine = sine === 0 ? 0 : (from.cosine * across) / sine;
  const azimuthCosineSquared = 1 - azimuthSine ** 2;
  const middleCosine = azimuthCosineSquared < 1e-15 ? 0 : cosine - (2 * from.sine * to.sine) / azimuthCosineSquared;
  return { sine, cosine, length: Math.atan2(sine, cosine), azimuthSine, azimuthCosineSquared, middleCosine };
}

/** Metres between two points `east` radians apart. */
function geodesicM(from: Reduced, to: Reduced, east: number): number {
  let longitude = east;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const arc = arcOf(from, to, longitude);
    const { sine, cosine, length, azimuthSine, azimuthCosineSquared: lean, middleCosine } = arc;
    const slip = (FLATTENING / 16) * lean * (4 + FLATTENING * (4 - 3 * lean));
    const bent = length + slip * sine * (middleCosine + slip * cosine * (2 * middleCosine ** 2 - 1));
    const next = east + (1 - slip) * FLATTENING * azimuthSine * bent;
    if (Math.abs(next - longitude) < SETTLED) return metres(arc);
    longitude = next;
    if (Math.abs(longitude) > Math.PI) break;
  }
  return MEAN_RADIUS_M * arcOf(from, to, east).length;
}

function metres({ sine, cosine, length, azimuthCosineSquared: lean, middleCosine }: Arc): number {
  const square = lean * ((SEMI_MAJOR_M / SEMI_MINOR_M) ** 2 - 1);
  const scale = 1 + (square / 16384) * (4096 + square * (-768 + square * (320 - 175 * square)));
  const bend = (square / 1024) * (256 + square * (-128 + square * (74 - 47 * square)));
  const inner = (bend / 6) * middleCosine * (4 * sine ** 2 - 3) * (4 * middleCosine ** 2 - 3);
  const outer = cosine * (2 * middleCosine ** 2 - 1);
  return SEMI_MINOR_M * scale * (length - bend * sine * (middleCosine + (bend / 4) * (outer - inner)));
}
