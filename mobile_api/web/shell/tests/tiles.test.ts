/** An operator's map: the pictures that are asked for cover what is seen, and each stands where its corners are. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { placed, unplaced, type Sight } from "../../app/map/geometry.ts";
import { tilesIn } from "../../app/map/tiles.ts";

const SOURCE = { tiles: "https://tiles.example.com/{z}/{x}/{y}.png", credit: "Example" };
const SIZE = { width: 390, height: 600 };
const SIGHTS: readonly Sight[] = [
  { latitude: 31.23, longitude: 121.47, metres: 2 },
  { latitude: 0, longitude: 0, metres: 400 },
  { latitude: 64.1, longitude: -21.9, metres: 30 },
  { latitude: -33.9, longitude: 179.999, metres: 12 },
];

test("a place at a pixel stands at that pixel", () => {
  for (const sight of SIGHTS)
    for (const [x, y] of [
      [0, 0],
      [390, 600],
      [17, 333],
    ] as const) {
      const [latitude, longitude] = unplaced(sight, SIZE, x, y);
      const [again, below] = placed(sight, SIZE, latitude, longitude);
      assert.ok(Math.abs(again - x) < 1e-6 && Math.abs(below - y) < 1e-6);
    }
});

test("every pixel is covered by one picture, drawn near its own size, and few are asked for", () => {
  for (const sight of SIGHTS) {
    const tiles = tilesIn(SOURCE, sight, SIZE);
    assert.ok(tiles.length <= 24, String(tiles.length));
    for (let x = 5; x < SIZE.width; x += 38)
      for (let y = 5; y < SIZE.height; y += 59) {
        const over = tiles.filter((tile) => tile.x <= x && x < tile.x + tile.width && tile.y <= y && y < tile.y + tile.height);
        assert.ok(over.length >= 1, `${x} ${y} of ${JSON.stringify(sight)}`);
      }
    for (const { width } of tiles) assert.ok(width > 170 && width < 375, String(width));
  }
});

test("a picture is named as every map names it", () => {
  const names = tilesIn(SOURCE, { latitude: 52.52, longitude: 13.405, metres: 95 }, { width: 10, height: 10 }).map(({ href }) => href);
  assert.deepEqual(names, ["https://tiles.example.com/10/550/335.png"]);
});

test("beyond the edge of the earth the pictures begin again", () => {
  const names = tilesIn(SOURCE, { latitude: 0.1, longitude: 179.9999, metres: 5_000 }, SIZE).map(({ href }) => href);
  assert.ok(names.every((name) => /\/\d+\/\d+\/\d+\.png$/.test(name)));
  assert.ok(names.some((name) => name.includes("/0/")));
});
