/** How many bytes of rows the phone asks for at once: fewer when the line is slow or breaks, more when it is quick (P-613). */

import { PAGE_BYTES } from "../generated/schema.ts";

export const PAGE_BYTES_MIN = 4 * 1024;
export const QUICK_MS = 4_000;
export const SLOW_MS = 15_000;

/** No answer came: half as much next time. */
export function afterLoss(pageBytes: number): number {
  return Math.max(PAGE_BYTES_MIN, Math.floor(pageBytes / 2));
}

/** The bytes to ask for after an exchange that took so long. */
export function afterAnswer(pageBytes: number, tookMs: number): number {
  if (tookMs > SLOW_MS) return afterLoss(pageBytes);
  return tookMs < QUICK_MS ? Math.min(PAGE_BYTES, pageBytes * 2) : pageBytes;
}
