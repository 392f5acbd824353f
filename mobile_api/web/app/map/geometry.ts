/** A map at true scale: metres per pixel around a centre, rings of round distances, and points that lie together as one. */

/** What is seen: the middle in WGS-84 degrees, and how many metres a pixel is. */
export interface Sight {
  readonly latitude: number;
  readonly longitude: number;
  readonly metres: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Spot<T> {
  readonly x: number;
  readonly y: number;
  readonly items: readonly T[];
}

export const METRES_MIN = 0.2;
const METRES_MAX = 20_000;
const RINGS_M = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000];
const RING_PX_MIN = 56;
const TOGETHER_PX = 40;

/** Metres of a degree north and of a degree east at a latitude, on the ellipsoid. */
function degreeM(latitude: number): readonly [north: number, east: number] {
  const phi = (latitude * Math.PI) / 180;
  const north = 111_132.92 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi);
  return [north, 111_412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi)];
}

/** The shorter way round. */
const turned = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;

export function placed(sight: Sight, size: Size, latitude: number, longitude: number): readonly [x: number, y: number] {
  const [north, east] = degreeM(sight.latitude);
  const x = size.width / 2 + (turned(longitude - sight.longitude) * east) / sight.metres;
  return [x, size.height / 2 - ((latitude - sight.latitude) * north) / sight.metres];
}

/** The place at a pixel. */
export function unplaced(sight: Sight, size: Size, x: number, y: number): readonly [latitude: number, longitude: number] {
  const [north, east] = degreeM(sight.latitude);
  const latitude = sight.latitude - ((y - size.height / 2) * sight.metres) / north;
  return [latitude, turned(sight.longitude + ((x - size.width / 2) * sight.metres) / Math.max(east, 1))];
}

/** The sight moved by so many pixels. */
export function moved(sight: Sight, dx: number, dy: number): Sight {
  const [north, east] = degreeM(sight.latitude);
  const latitude = Math.max(-85, Math.min(85, sight.latitude + (dy * sight.metres) / north));
  return { ...sight, latitude, longitude: turned(sight.longitude - (dx * sight.metres) / Math.max(east, 1)) };
}

/** Nearer (`factor` above 1) or farther; the point at (x, y) stays where it is. */
export function zoomed(sight: Sight, size: Size, factor: number, x = size.width / 2, y = size.height / 2): Sight {
  const metres = Math.max(METRES_MIN, Math.min(METRES_MAX, sight.metres / factor));
  const left = 1 - sight.metres / metres;
  const [dx, dy] = [(x - size.width / 2) * left, (y - size.height / 2) * left];
  return moved({ ...sight, metres }, dx, dy);
}

/** Round distances whose rings can be told apart, at most four. */
export function rings(sight: Sight, size: Size): readonly number[] {
  const reach = Math.hypot(size.width, size.height) * sight.metres;
  const seen = RINGS_M.filter((metres) => metres / sight.metres >= RING_PX_MIN && metres <= reach);
  return seen.slice(0, 4);
}

/** Half the width of a spot as it is drawn, with its rim. */
const half = ({ items }: Spot<unknown>): number => (items.length > 1 ? 19 : 10);

/** Two spots as one, at the middle of all their points. */
function joined<T>(left: Spot<T>, right: Spot<T>): Spot<T> {
  const [many, more] = [left.items.length, right.items.length];
  const middle = (from: number, to: number): number => (from * many + to * more) / (many + more);
  return { x: middle(left.x, right.x), y: middle(left.y, right.y), items: [...left.items, ...right.items] };
}

/** Points in sight; those that lie together are one spot, at their middle, and so are spots that would touch. */
export function spots<T>(points: readonly { readonly x: number; readonly y: number; readonly item: T }[], size: Size): Spot<T>[] {
  const cells = new Map<string, { x: number; y: number; items: T[] }>();
  for (const { x, y, item } of points) {
    if (x < -TOGETHER_PX || y < -TOGETHER_PX || x > size.width + TOGETHER_PX || y > size.height + TOGETHER_PX) continue;
    const key = `${Math.floor(x / TOGETHER_PX)} ${Math.floor(y / TOGETHER_PX)}`;
    const cell = cells.get(key) ?? { x: 0, y: 0, items: [] };
    cell.x += x;
    cell.y += y;
    cell.items.push(item);
    cells.set(key, cell);
  }
  const found: Spot<T>[] = [];
  for (const cell of cells.values()) {
    const here = { x: cell.x / cell.items.length, y: cell.y / cell.items.length, items: cell.items };
    const beside = found.findIndex((one) => Math.hypot(one.x - here.x, one.y - here.y) < half(one) + half(here));
    if (beside < 0) found.push(here);
    else found[beside] = joined(found[beside]!, here);
  }
  return found;
}
