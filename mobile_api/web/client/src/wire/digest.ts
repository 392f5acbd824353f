/** SHA-256 in the language itself: the core is synchronous, and Web Crypto is not. */

const WORDS = 16;
const ROUNDS = 64;
const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;
const START: number[] = [];
const EACH_ROUND: number[] = [];
for (let number = 2; EACH_ROUND.length < ROUNDS; number++) {
  if (!isPrime(number)) continue;
  if (START.length < 8) START.push(fraction(Math.sqrt(number)));
  EACH_ROUND.push(fraction(Math.cbrt(number)));
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}

/** The first 32 bits behind the point. */
function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0;
}

export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((bytes.length + 1 + LENGTH_BYTES) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - LENGTH_BYTES, BigInt(bytes.length) * 8n);
  const state = [...START];
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) mix(state, view, at);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, index) => digest.setInt32(index * 4, word));
  return new Uint8Array(digest.buffer);
}

const turned = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** One block into the state. */
function mix(state: number[], view: DataView, at: number): void {
  const words = new Int32Array(ROUNDS);
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number];
  for (let round = 0; round < ROUNDS; round++) {
    words[round] = round < WORDS ? view.getInt32(at + round * 4) : spread(words, round);
    const choice = (e & f) ^ (~e & g);
    const most = (a & b) ^ (a & c) ^ (b & c);
    const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + EACH_ROUND[round]! + words[round]!) | 0;
    const other = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + most) | 0;
    [a, b, c, d, e, f, g, h] = [(one + other) | 0, a, b, c, (d + one) | 0, e, f, g];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => (state[index] = (state[index]! + word) | 0));
}

function spread(words: Int32Array, round: number): number {
  const [near, far] = [words[round - 2]!, words[round - 15]!];
  const one = turned(near, 17) ^ turned(near, 19) ^ (near >>> 10);
  const other = turned(far, 7) ^ turned(far, 18) ^ (far >>> 3);
  return (words[round - 16]! + words[round - 7]! + one + other) | 0;
}
