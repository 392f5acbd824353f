/** Distances, datums, cells and tiles by Python's vectors. */

import { remainder, rounded } from "../src/geo/arithmetic.ts";
import { sha256 } from "../src/wire/digest.ts";
import { dayPlan } from "../src/geo/day_plan.ts";
import { fromWgs84, knownPosition, toWgs84, type Position } from "../src/geo/datum.ts";
import { distanceMm, flatDistanceMm } from "../src/geo/distance.ts";
import { cell, cellCentre, cover, masked, tile } from "../src/geo/grid.ts";
import { around, fits, type Held, type Judged, type NearFilters } from "../src/geo/around.ts";
import { nearest, tilesAround, tilesToKeep } from "../src/geo/nearby.ts";
import { byRoadMm, legsMm, route, type Stop } from "../src/geo/route.ts";
import { fenceM, judge, reasons, type Around } from "../src/geo/verify.ts";
import { coarse } from "../src/geo/whereabouts.ts";
import type { Visit } from "../src/generated/schema.ts";
import { hex, play, type Given } from "./vectors.ts";

type Ends = [number, number, number, number];
const ends = ({ from_latitude_e6, from_longitude_e6, to_latitude_e6, to_longitude_e6 }: Given): Ends => [
  from_latitude_e6,
  from_longitude_e6,
  to_latitude_e6,
  to_longitude_e6,
];
const isNear = (given: Given): boolean => Math.abs(distanceMm(...ends(given)) - given["distance_mm"]) <= given["most_off_mm"];
const EAST_E6 = 179_999_999;
const SWEEPS: Record<string, (latitudeE6: number) => number> = {
  cell: (latitudeE6) => cell(latitudeE6, EAST_E6),
  tile: (latitudeE6) => tile(latitudeE6, EAST_E6),
  masked: (latitudeE6) => masked(latitudeE6, EAST_E6).longitude_e6,
};

play("geo_measure", {
  "geo.distance:flat_distance_mm": (given) => flatDistanceMm(...ends(given)),
  "geo.distance:distance_mm": (given) => distanceMm(...ends(given)),
  "geo.datum:to_wgs84": ({ datum, latitude_e6, longitude_e6 }) => toWgs84(datum, latitude_e6, longitude_e6),
  "geo.datum:from_wgs84": ({ datum, latitude_e6, longitude_e6 }) => fromWgs84(datum, latitude_e6, longitude_e6),
  "geo.datum:known_position": ({ datum, latitude_e6, longitude_e6 }) => knownPosition(datum, latitude_e6, longitude_e6),
  far: isNear,
  opposite: isNear,
});

play("geo_grid", {
  "geo.grid:cell": ({ latitude_e6, longitude_e6 }) => cell(latitude_e6, longitude_e6),
  "geo.grid:tile": ({ latitude_e6, longitude_e6 }) => tile(latitude_e6, longitude_e6),
  "geo.grid:masked": ({ latitude_e6, longitude_e6 }) => masked(latitude_e6, longitude_e6),
  "geo.grid:cell_centre": ({ number }) => cellCentre(number),
  "geo.grid:cover": ({ latitude_e6, longitude_e6, radius_m }) => cover(latitude_e6, longitude_e6, radius_m),
  "geo.nearby:tiles_around": ({ at }) => tilesAround(at as Position),
  "geo.nearby:tiles_to_keep": ({ customers, asked }) => tilesToKeep(customers, asked),
  "geo.nearby:nearest": ({ places, at, radius_m, after }) => nearest(places, at as Position, radius_m, after),
  round: ({ value }) => rounded(value),
  remainder: ({ dividend, divisor }) => remainder(dividend, divisor),
  rows: ({ rule, row_e6 }) => {
    const told: number[] = [];
    for (let latitudeE6 = -90_000_000; latitudeE6 < 90_000_000; latitudeE6 += row_e6) told.push(SWEEPS[rule]!(latitudeE6));
    return hex(sha256(new TextEncoder().encode(told.join("\n"))));
  },
});

play("geo_around", {
  "geo.around:around": ({ held, at, radius_m, filters }) => around(held as Held, at as Position, radius_m, filters as NearFilters),
  "geo.around:fits": ({ one, filters }) => fits(one as Judged, filters as NearFilters),
});

play("geo_route", {
  "geo.route:route": ({ stops, start, end }) => route(stops as Stop[], start, end),
  "geo.route:legs_mm": ({ stops, start, end }) => legsMm(stops as Stop[], start, end),
  "geo.route:by_road_mm": ({ length_mm }) => byRoadMm(length_mm),
});

const MAPS = ["last_ms", "visited_ms", "contacted_ms", "falls", "far_mm"];

play("geo_day_plan", {
  "geo.day_plan:day_plan": ({ known }) =>
    dayPlan({ ...known, ...Object.fromEntries(MAPS.map((name) => [name, new Map(Object.entries(known[name]))])) }),
});

play("geo_verify", {
  "geo.verify:judge": ({ visit, around }) => judge(visit as Visit, around as Around),
  "geo.verify:fence_m": ({ kind, organisation }) => fenceM(kind, organisation),
  "geo.verify:reasons": ({ visit }) => reasons(visit as Visit),
});

play("geo_whereabouts", { "geo.whereabouts:coarse": ({ visit }) => coarse(visit as Visit) });
