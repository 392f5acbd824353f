/** A text as a QR code (ISO/IEC 18004): bytes, error correction M, versions 1 to 10, which is up to 213 bytes. */

export type Matrix = readonly (readonly boolean[])[];

interface Shape {
  /** Error correction words of each block. */
  readonly check: number;
  /** Data words of each block. */
  readonly data: readonly number[];
  /** Middles of the alignment patterns, in both directions. */
  readonly middles: readonly number[];
}

const same = (blocks: number, words: number): number[] => Array<number>(blocks).fill(words);

/** Versions 1 to 10 at level M. */
const SHAPES: readonly Shape[] = [
  { check: 10, data: [16], middles: [] },
  { check: 16, data: [28], middles: [6, 18] },
  { check: 26, data: [44], middles: [6, 22] },
  { check: 18, data: same(2, 32), middles: [6, 26] },
  { check: 24, data: same(2, 43), middles: [6, 30] },
  { check: 16, data: same(4, 27), middles: [6, 34] },
  { check: 18, data: same(4, 31), middles: [6, 22, 38] },
  { check: 22, data: [38, 38, 39, 39], middles: [6, 24, 42] },
  { check: 22, data: [36, 36, 36, 37, 37], middles: [6, 26, 46] },
  { check: 26, data: [43, 43, 43, 43, 44], middles: [6, 28, 50] },
];
const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];
const FORMAT_POLYNOMIAL = 0x537;
const FORMAT_MASK = 0x5412;
const VERSION_POLYNOMIAL = 0x1f25;
const FIELD_POLYNOMIAL = 0x11d;

/** The code with the mask that reads best. Throws RangeError when the text is too long. */
export function qr(text: string): Matrix {
  const codes = MASKS.map((_, mask) => masked(text, mask));
  const weights = codes.map(weight);
  return codes[weights.indexOf(Math.min(...weights))]!;
}

/** The code under one of the eight masks. Throws RangeError when the text is too long. */
export function masked(text: string, mask: number): Matrix {
  const bytes = new TextEncoder().encode(text);
  const version = SHAPES.findIndex((shape, at) => bytes.length <= capacity(shape, at + 1)) + 1;
  if (version === 0) throw new RangeError("the text is too long for a QR code of this size");
  const grid = fixed(version);
  place(grid, interleaved(SHAPES[version - 1]!, words(bytes, version)), MASKS[mask]!);
  format(grid, mask);
  return grid.map((row) => row.map((cell) => cell === true));
}

/** null: free for data. */
type Grid = (boolean | null)[][];

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
const countBits = (version: number): number => (version < 10 ? 8 : 16);
const capacity = (shape: Shape, version: number): number => Math.floor((total(shape.data) * 8 - 4 - countBits(version)) / 8);

/** The data words: mode, length, bytes, end, filling. */
function words(bytes: Uint8Array, version: number): number[] {
  const room = total(SHAPES[version - 1]!.data);
  const bits: number[] = [];
  const put = (value: number, length: number): void => {
    for (let at = length - 1; at >= 0; at--) bits.push((value >> at) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, countBits(version));
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, room * 8 - bits.length));
  put(0, -bits.length & 7);
  const made = Array.from({ length: bits.length / 8 }, (_, at) => bits.slice(at * 8, at * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0));
  for (let filling = 0xec; made.length < room; filling ^= 0xec ^ 0x11) made.push(filling);
  return made;
}

/** The words of all blocks in turn, then their check words in turn. */
function interleaved(shape: Shape, data: readonly number[]): number[] {
  let from = 0;
  const blocks = shape.data.map((length) => data.slice(from, (from += length)));
  const checks = blocks.map((block) => remainder(block, shape.check));
  const turns = (parts: readonly (readonly number[])[]): number[] =>
    Array.from({ length: Math.max(...parts.map((part) => part.length)) }, (_, at) =>
      parts.flatMap((part) => part.slice(at, at + 1)),
    ).flat();
  return [...turns(blocks), ...turns(checks)];
}

function times(left: number, right: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product >> 7 ? FIELD_POLYNOMIAL : 0);
    if ((right >> bit) & 1) product ^= left;
  }
  return product;
}

/** Reed-Solomon check words of a block. */
function remainder(block: readonly number[], length: number): number[] {
  let generator = [1];
  for (let at = 0, root = 1; at < length; at++, root = times(root, 2)) {
    const raised = [...generator, 0];
    generator.forEach((factor, place) => (raised[place + 1]! ^= times(factor, root)));
    generator = raised;
  }
  const rest = [...block, ...same(length, 0)];
  block.forEach((_, at) => {
    const lead = rest[at]!;
    generator.forEach((factor, place) => (rest[at + place]! ^= times(factor, lead)));
  });
  return rest.slice(block.length);
}

/** The patterns that stand in every code of a version; the places of the format are kept free of data. */
function fixed(version: number): Grid {
  const size = 17 + 4 * version;
  const grid: Grid = Array.from({ length: size }, () => Array<boolean | null>(size).fill(null));
  const square = (row: number, column: number, reach: number, dark: (ring: number) => boolean): void => {
    for (let y = -reach; y <= reach; y++)
      for (let x = -reach; x <= reach; x++)
        if (grid[row + y]?.[column + x] !== undefined) grid[row + y]![column + x] = dark(Math.max(Math.abs(x), Math.abs(y)));
  };
  for (let at = 8; at < size - 8; at++) grid[6]![at] = grid[at]![6] = at % 2 === 0;
  const corners = [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const;
  for (const [row, column] of corners) square(row, column, 4, (ring) => ring !== 2 && ring !== 4);
  const { middles } = SHAPES[version - 1]!;
  const last = middles.at(-1);
  for (const row of middles)
    for (const column of middles)
      if (!((row === 6 && (column === 6 || column === last)) || (row === last && column === 6)))
        square(row, column, 2, (ring) => ring !== 1);
  if (version >= 7) versionMarks(grid, version);
  format(grid, 0);
  return grid;
}

/** The value followed by what its division by the polynomial leaves. */
function checked(value: number, polynomial: number, length: number): number {
  let rest = value << length;
  for (let bit = 31 - Math.clz32(rest); bit >= length; bit = 31 - Math.clz32(rest)) rest ^= polynomial << (bit - length);
  return (value << length) | rest;
}

function versionMarks(grid: Grid, version: number): void {
  const bits = checked(version, VERSION_POLYNOMIAL, 12);
  for (let at = 0; at < 18; at++) {
    const [far, near] = [grid.length - 11 + (at % 3), Math.floor(at / 3)];
    grid[far]![near] = grid[near]![far] = ((bits >> at) & 1) === 1;
  }
}

/** Level M and the mask, twice; and the one cell that is always dark. */
function format(grid: Grid, mask: number): void {
  const bits = checked(mask, FORMAT_POLYNOMIAL, 10) ^ FORMAT_MASK; // level M is 00
  const size = grid.length;
  for (let at = 0; at < 15; at++) {
    const dark = ((bits >> at) & 1) === 1;
    grid[at < 6 ? at : at < 8 ? at + 1 : size - 15 + at]![8] = dark;
    grid[8]![at < 8 ? size - 1 - at : at < 9 ? 7 : 14 - at] = dark;
  }
  grid[size - 8]![8] = true;
}

/** Writes the words in pairs of columns from the right, upwards and downwards in turn. */
function place(grid: Grid, all: readonly number[], mask: (row: number, column: number) => boolean): void {
  const size = grid.length;
  let bit = 0;
  let up = true;
  for (let right = size - 1; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++)
      for (const column of [right, right - 1]) {
        const row = up ? size - 1 - step : step;
        if (grid[row]![column] !== null) continue;
        grid[row]![column] = ((((all[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1) !== mask(row, column);
        bit += 1;
      }
  }
}

/** How hard a code is to read: runs, blocks, what looks like a corner, and an uneven share of dark cells. */
function weight(code: Matrix): number {
  const lines = [...code, ...code.map((_, column) => code.map((row) => row[column]!))].map((line) =>
    line.map((dark) => (dark ? "1" : "0")).join(""),
  );
  const runs = lines.flatMap((line) => line.match(/1{5,}|0{5,}/g) ?? []).map((run) => run.length - 2);
  const corners = lines.map((line) => 40 * (line.match(/(?=10111010000|00001011101)/g)?.length ?? 0));
  let blocks = 0;
  for (let row = 1; row < code.length; row++)
    for (let column = 1; column < code.length; column++) {
      const dark = code[row]![column];
      if (dark === code[row - 1]![column] && dark === code[row]![column - 1] && dark === code[row - 1]![column - 1]) blocks += 3;
    }
  const share = (100 * total(code.map((row) => row.filter(Boolean).length))) / code.length ** 2;
  return total(runs) + total(corners) + blocks + 10 * Math.floor(Math.abs(share - 50) / 5);
}
