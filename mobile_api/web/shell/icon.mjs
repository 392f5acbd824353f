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

/** The icon, `size` points wide and high. */
export function icon(size) {
  const rows = Buffer.alloc((size * 3 + 1) * size);
  const scale = SIDE / size;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) rows.set(colour((x + 0.5) * scale, (y + 0.5) * scale, scale), y * (size * 3 + 1) + 1 + x * 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const start = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([start, chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function colour(x, y, scale) {
  const cover = (distance) => Math.max(0, Math.min(1, 0.5 - distance / scale));
  const roofed = mixed(GREEN, WHITE, cover(Math.min(...ROOF.map((line) => toLine(x, y, line))) - 5.5));
  return mixed(roofed, AMBER, cover(Math.hypot(x - 48, y - 66) - 8));
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
