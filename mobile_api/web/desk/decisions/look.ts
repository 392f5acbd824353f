/** What waits for the manager: submitted quotes, which only the server knows, and cards, which the desk holds. */

import { effect, signal } from "@preact/signals";
import { discountLimitBps, Tier, UnreachableError } from "../../client/src/index.ts";
import type { Id, Price, Quote, QuoteLine } from "../../client/src/index.ts";
import { all, online, records, remembered, signedIn, syncedMs } from "../../shell/phone.ts";
import { openCards } from "../../shell/cards/look.ts";
import { ask, give, pages, type Asked } from "../../shell/rest.ts";
import { told } from "../../shell/problems.ts";
import { tierPolicy } from "../../shell/reclaim.ts";
import { waitingContests } from "../contests/contests.tsx";
import { waitingExtensions } from "../extensions/look.ts";
import { soon } from "../heard.tsx";
import { named } from "../named.ts";

const SUBMITTED = 2;

/** A quote with its lines as the server shows them, and the hash of just that content (D-310). */
export interface QuoteShown {
  readonly quote: Quote;
  readonly lines: readonly QuoteLine[];
  readonly content_hash: string;
}

export type Decided = "approve" | "reject" | "return_quote";

interface Known {
  readonly items: readonly Quote[] | null;
  readonly heardMs: number | null;
  readonly failed: unknown;
}

const known = signal<Known>({ items: null, heardMs: null, failed: null });
const turn = signal(0);

/** One look for the board, the badge and the list: anew on each hint, every ten seconds, and after each decision. */
effect(() => {
  void [records.value, soon.value, turn.value, online.value];
  if (signedIn.value === null || syncedMs.value === null) return;
  pages<Quote>(`/v1/desk/quotes?status=${SUBMITTED}`).then(
    (items) => (known.value = { items: bySubmission(items), heardMs: Date.now(), failed: null }),
    (failed: unknown) => (known.value = { ...known.peek(), failed }),
  );
});

const bySubmission = (items: readonly Quote[]): Quote[] =>
  [...items].sort((left, right) => (left.submitted_ms ?? 0) - (right.submitted_ms ?? 0));

export const lookAgain = (): void => void (turn.value += 1);

/** The submitted quotes, the oldest first. */
export function useQuotes(): Asked<readonly Quote[]> {
  const { items, heardMs, failed } = known.value;
  return {
    value: items,
    heardMs,
    trouble: failed === null ? null : told(failed),
    away: failed instanceof UnreachableError,
    again: lookAgain,
  };
}

/** How many things wait for the manager. */
export const waitingCount = (): number =>
  (known.value.items?.length ?? 0) + openCards().length + waitingExtensions().length + waitingContests().length;

export const askQuote = (id: Id): Promise<QuoteShown> => ask<QuoteShown>(`/v1/quotes/${id}`);

/** Decides about exactly the content that is shown (D-322). Throws Problem(content_changed | state_wrong | forbidden). */
export function decide({ quote, content_hash }: QuoteShown, decision: Decided, note: string): Promise<QuoteShown> {
  return give<QuoteShown>(`/v1/quotes/${quote.id}/decisions`, { decision, content_hash, note, expected: quote.status });
}

const prices = remembered(() => new Map(all("price").map((one) => [`${one.price_book_id} ${one.product_id}`, one])));

/** The price of the line's product in the quote's book; null when the book has none. */
export function bookPrice(quote: Quote, line: QuoteLine): Price | null {
  return quote.price_book_id === null ? null : (prices().get(`${quote.price_book_id} ${line.product_id}`) ?? null);
}

/** The highest discount of a line at the quote's customer (D-673); null: there is no limit. */
export const limitOf = (quote: Quote, line: QuoteLine): number | null =>
  discountLimitBps(tierPolicy(), named(quote.customer_id)?.standing?.tier ?? Tier.unknown, bookPrice(quote, line));
