/** A visit that says where it was no more exactly than an organisation wants to know, as the server rounds it. */

import { Provider, type Visit } from "../generated/schema.ts";
import { LATITUDE_MAX_E6 } from "./distance.ts";
import { masked } from "./grid.ts";

/** From the middle of a square no point of it is farther. */
const SQUARE_REACH_MM = 150_000;
const ACCURACY_MAX_MM = 1e11;

type Measured = readonly [latitudeE6: number | null, longitudeE6: number | null, accuracyMm: number | null];

/** The visit, but each of its places is the middle of a square of about 200 m; the accuracy grows by its reach, once. */
export function coarse(visit: Visit): Visit {
  const [latitude_e6, longitude_e6, accuracy_mm] = squared([visit.latitude_e6, visit.longitude_e6, visit.accuracy_mm]);
  const left = squared([visit.left_latitude_e6, visit.left_longitude_e6, visit.left_accuracy_mm]);
  const [left_latitude_e6, left_longitude_e6, left_accuracy_mm] = left;
  const provider = visit.provider === Provider.gps ? Provider.unknown : visit.provider;
  return { ...visit, latitude_e6, longitude_e6, accuracy_mm, left_latitude_e6, left_longitude_e6, left_accuracy_mm, provider };
}

function squared(measured: Measured): Measured {
  const [latitudeE6, longitudeE6, accuracyMm] = measured;
  if (latitudeE6 === null || longitudeE6 === null || Math.abs(latitudeE6) > LATITUDE_MAX_E6) return measured;
  if (latitudeE6 === 0 && longitudeE6 === 0) return measured;
  const middle = masked(latitudeE6, longitudeE6);
  const stays = middle.latitude_e6 === latitudeE6 && middle.longitude_e6 === longitudeE6;
  const accuracy = stays || accuracyMm === null || accuracyMm <= 0 ? accuracyMm : Math.min(accuracyMm + SQUARE_REACH_MM, ACCURACY_MAX_MM);
  return [middle.latitude_e6, middle.longitude_e6, accuracy];
}
