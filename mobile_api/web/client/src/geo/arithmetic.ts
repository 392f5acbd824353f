/**
 * The arithmetic of Python's `math` and integers where the language's own differs: halves go to the even, a remainder has the divisor's
 * sign.
 */

/** The nearest integer; of two the even one. Never -0. */
export function rounded(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return (up ? below + 1 : below) + 0;
}

/** Dividend modulo divisor, from 0 up to below the divisor, which is positive. */
export function remainder(dividend: number, divisor: number): number {
  return ((dividend % divisor) + divisor) % divisor;
}

/** As a product with one constant, to the last bit what Python computes. */
export function radians(degrees: number): number {
  return degrees * (Math.PI / 180);
}

export function degrees(radians: number): number {
  return radians * (180 / Math.PI);
}
