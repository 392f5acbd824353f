/** What files bring, in the order in which they are imported. */

import { say } from "./texts.ts";

export const KINDS = [
  ...(["departments", "users", "cities", "customers", "contacts", "products", "prices"] as const),
  ...(["order_lines", "receivables", "collections", "costs", "exchange_rates"] as const),
];

export type Kind = (typeof KINDS)[number];

/** The word for many of a kind, if it is one of these. */
export function kindWord(name: string): string | null {
  const kind = KINDS.find((one) => one === name);
  return kind === undefined ? null : say(kind);
}
