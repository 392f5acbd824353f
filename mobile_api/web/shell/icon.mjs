/** The icon as PNG, drawn point by point: nothing here rasterises SVG. */

import { crc32, deflateSync } from "node:zlib";

const GREEN = [10, 107, 80];
const WHITE = [255, 255, 255];
const AMBER = [255, 210, 122];
const SIDE = 96;
const ROOF = [
  [20, 66, 48, 26],
  [48, 26, 76, 66],
];

/** Of an edge that a point covers in part. */
const STEPS = 2;
/** Green, then white and amber over it by so many steps: few enough for half a byte a point. */
const COLOURS = [
  GREEN,
  ...[WHITE, AMBER].flatMap((over) => Array.from({ length: STEPS }, (_, at) => mixed(GREEN, over, (at + 1) / STEPS))),
];

/** The icon, `size` points wide and high; `size` is even. */
export function icon(size) {
  const wide = size / 2 + 1;
  const rows = Buffer.alloc(wide * size);
  const scale = SIDE / size;
  const at = (x, y) => colour((x + 0.5) * scale, (y + 0.5) * scale, scale);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x += 2) rows[y * wide + 1 + x / 2] = at(x, y) * 16 + at(x + 1, y);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([4, 3, 0, 0, 0], 8);
  const start = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const body = [chunk("PLTE", Buffer.from(COLOURS.flat())), chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 1 }))];
  return Buffer.concat([start, chunk("IHDR", header), ...body, chunk("IEND", Buffer.alloc(0))]);
}

/** The place in `COLOURS` of a point; roof and dot do not touch. */
function colour(x, y, scale) {
  const steps = (distance) => Math.round(STEPS * Math.max(0, Math.min(1, 0.5 - distance / scale)));
  const dotted = steps(Math.hypot(x - 48, y - 66) - 8);
  return dotted > 0 ? STEPS + dotted : steps(Math.min(...ROOF.map((line) => toLine(x, y, line))) - 5.5);
}

function toLine(x, y, [fromX, fromY, toX, toY]) {
  const [wide, high] = [toX - fromX, toY - fromY];
  const part = Math.max(0, Math.min(1, ((x - fromX) * wide + (y - fromY) * high) / (wide ** 2 + high ** 2)));
  return Math.hypot(x - fromX - part * wide, y - fromY - part * high);
}

function mixed(from, to, part) {
  return from.map((one, at) => Math.round(one + (to[at] - one) * part));
}

function chunk(kind, body) {
  const named = Buffer.concat([Buffer.from(kind), body]);
  const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)];
  head.writeUInt32BE(body.length);
  tail.writeUInt32BE(crc32(named));
  return Buffer.concat([head, named, tail]);
}
