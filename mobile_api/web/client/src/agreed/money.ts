/**
 * Money of quotes: one written rounding rule (D-301 to D-303), the same on the phone and on the server. Products leave the exact integers
 * of a `number`, so it is computed in BigInt; an amount within its bound is exact.
 */

import type { QuoteLine } from "../generated/schema.ts";

/** Bound of every amount, line or total, in minor units (D-305). */
export const MONEY_MINOR_MAX = 10 ** 14;
const WHOLE_BPS = 10_000n;
const THOUSAND = 1_000n;

/** Net, tax and gross in minor units; gross = net + tax, always. */
export interface Amounts {
  readonly net_minor: number;
  readonly tax_minor: number;
  readonly gross_minor: number;
}

type Exact = readonly [net: bigint, tax: bigint, gross: bigint];

/** Numerator / denominator rounded to an integer, halves away from zero; the denominator is positive (D-301). */
export function divided(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const whole = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -whole : whole;
}

/** Price × quantity less discount in minor units, rounded once (D-301); with or without tax as the organisation's prices are. */
export function lineAmount(line: QuoteLine): number {
  return Number(exactAmount(line));
}

/** Net, tax and gross of one line, tax rounded per line (D-302). */
export function lineAmounts(line: QuoteLine, pricesIncludeTax: boolean): Amounts {
  return amountsOf(exactAmounts(line, pricesIncludeTax));
}

/** Sum of the lines' rounded amounts; nothing is rounded again (D-303). */
export function total(lines: readonly QuoteLine[], pricesIncludeTax: boolean): Amounts {
  let [net, tax, gross]: Exact = [0n, 0n, 0n];
  for (const line of lines) {
    const one = exactAmounts(line, pricesIncludeTax);
    [net, tax, gross] = [net + one[0], tax + one[1], gross + one[2]];
  }
  return amountsOf([net, tax, gross]);
}

/** Whether all three can be stored and sent (D-305). */
export function bounded({ net_minor, tax_minor, gross_minor }: Amounts): boolean {
  return [net_minor, tax_minor, gross_minor].every((amount) => Math.abs(amount) <= MONEY_MINOR_MAX);
}

function exactAmount(line: QuoteLine): bigint {
  const exact = BigInt(line.price_minor) * BigInt(line.quantity_thousandths) * (WHOLE_BPS - BigInt(line.discount_bps));
  return divided(exact, THOUSAND * WHOLE_BPS);
}

function exactAmounts(line: QuoteLine, pricesIncludeTax: boolean): Exact {
  const amount = exactAmount(line);
  const rate = BigInt(line.tax_bps);
  if (pricesIncludeTax) {
    const net = divided(amount * WHOLE_BPS, WHOLE_BPS + rate);
    return [net, amount - net, amount];
  }
  const tax = divided(amount * rate, WHOLE_BPS);
  return [amount, tax, amount + tax];
}

function amountsOf([net, tax, gross]: Exact): Amounts {
  return { net_minor: Number(net), tax_minor: Number(tax), gross_minor: Number(gross) };
}
