/** Which pooled customers this phone keeps: notes and operations of the tiles that its user asked for (P-126). */

import { TILES_MAX } from "../generated/schema.ts";
import type { Position } from "../geo/datum.ts";
import { tilesAround, tilesToKeep } from "../geo/nearby.ts";
import { keepTiles } from "../sync/device.ts";
import { views } from "../sync/overlay.ts";
import type { PhoneFile } from "./file.ts";

/** Note of the tiles that the user asked for, the latest last. */
const TILES = "tiles";

/** Asks for the pooled customers around a place too, from the next sync on. */
export function askAround(file: PhoneFile, at: Position): Promise<void> {
  const near = tilesAround(at);
  return file.change((put) => {
    const asked = [...asksFor(file).filter((one) => !near.includes(one)), ...near].slice(-TILES_MAX);
    put(TILES, new TextEncoder().encode(asked.join(" ")));
  });
}

/** The tiles of the next request, as the customers on the screen and the places asked for have it; whether they are others than before. */
export function chooseTiles(file: PhoneFile): Promise<boolean> {
  return file.change(() => {
    const before = file.shelf.seat.tiles;
    keepTiles(file.shelf, tilesToKeep(views(file.shelf, "customer"), asksFor(file)));
    return file.shelf.seat.tiles !== before;
  }, false);
}

function asksFor(file: PhoneFile): number[] {
  const body = file.note(TILES);
  const text = body === undefined ? "" : new TextDecoder().decode(body);
  return text === "" ? [] : text.split(" ").map(Number);
}
