/** Pictures of an operator's map beneath our own points: which ones a sight needs, and where each stands. */

import { placed, unplaced, type Sight, type Size } from "./geometry.ts";

/** The map that the server's operator has named; null: the apps draw their own, and ask no foreign host. */
export interface Source {
  /** With {z}, {x} and {y}. */
  readonly tiles: string;
  readonly credit: string;
}

export interface Tile {
  readonly href: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const TILE_PX = 256;
const ZOOM_MAX = 18;
/** Web Mercator ends here. */
const LATITUDE_MAX = 85.051;
const EQUATOR_M = 40_075_016.686;

/** Whole picture widths that fit around the earth at a zoom, measured at the sight's latitude so that a picture is drawn near its size. */
function zoomOf({ latitude, metres }: Sight): number {
  const around = EQUATOR_M * Math.cos((latitude * Math.PI) / 180);
  return Math.max(0, Math.min(ZOOM_MAX, Math.round(Math.log2(around / TILE_PX / metres))));
}

const column = (longitude: number, across: number): number => ((longitude + 180) / 360) * across;

function line(latitude: number, across: number): number {
  const phi = (Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, latitude)) * Math.PI) / 180;
  return ((1 - Math.asinh(Math.tan(phi)) / Math.PI) / 2) * across;
}

const longitudeOf = (at: number, across: number): number => (at / across) * 360 - 180;
const latitudeOf = (at: number, across: number): number => (Math.atan(Math.sinh(Math.PI * (1 - (2 * at) / across))) * 180) / Math.PI;

/** The pictures that cover what is seen, each at its true corners; a pixel wider, so that no line shows between two. */
export function tilesIn(source: Source, sight: Sight, size: Size): Tile[] {
  const across = 2 ** zoomOf(sight);
  const z = String(Math.log2(across));
  const [north, west] = unplaced(sight, size, 0, 0);
  const [south, east] = unplaced(sight, size, size.width, size.height);
  const [left, right] = [Math.floor(column(west, across)), Math.floor(column(east < west ? east + 360 : east, across))];
  const [top, bottom] = [Math.max(0, Math.floor(line(north, across))), Math.min(across - 1, Math.floor(line(south, across)))];
  const found: Tile[] = [];
  for (let y = top; y <= bottom; y += 1)
    for (let x = left; x <= right; x += 1) {
      const [x0, y0] = placed(sight, size, latitudeOf(y, across), longitudeOf(x, across));
      const [x1, y1] = placed(sight, size, latitudeOf(y + 1, across), longitudeOf(x + 1, across));
      const name = source.tiles
        .replace("{z}", z)
        .replace("{y}", String(y))
        .replace("{x}", String(((x % across) + across) % across));
      found.push({ href: name, x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 });
    }
  return found;
}
