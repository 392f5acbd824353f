/** How the rep's screens look at quotes: their lines, totals, states, prices. */

import {
  Kind,
  QuoteStatus,
  Tier,
  discountLimitBps,
  total,
  type Amounts,
  type Id,
  type Price,
  type PriceBook,
  type Product,
  type Quote,
  type QuoteLine,
} from "../../client/src/index.ts";
import { own } from "../../client/src/sync/overlay.ts";
import { keyOf } from "../../client/src/sync/shelf.ts";
import { today } from "../../shell/form.tsx";
import { dayOf, dayWord } from "../../shell/format.ts";
import { all, byId, phone, records, remembered } from "../../shell/phone.ts";
import { tierPolicy } from "../../shell/reclaim.ts";
import { entityNumber } from "../../shell/words.ts";
import { say, type QuoteText } from "./texts.ts";

const NUMBER_DIGITS = 6;
const SURE: readonly number[] = [QuoteStatus.submitted, QuoteStatus.approved, QuoteStatus.superseded];

/** The number of a draft until the server gives one. */
export const draftNumber = (id: Id): string => `D${id.replaceAll("-", "").slice(-NUMBER_DIGITS)}`;

/** Its number, or words for a draft: the code that stands for a number until then says nothing to a person. */
export function numberOf(quote: Quote): string {
  const code = quote.number || (quote.local_number === draftNumber(quote.id) ? "" : quote.local_number);
  return code || say("draft_of", { day: dayWord(dayOf(madeMs(quote.id))) });
}

/** An id begins with the moment when it was made. */
const madeMs = (id: Id): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);

const linesByQuote = remembered(() => {
  const found = new Map<Id, QuoteLine[]>();
  for (const line of all("quote_line")) found.set(line.quote_id, [...(found.get(line.quote_id) ?? []), line]);
  for (const each of found.values()) each.sort((left, right) => order(left.position, right.position) || order(left.id, right.id));
  return found;
});

/** The lines of a quote, by position. */
export const linesOf = (quote: Id): readonly QuoteLine[] => linesByQuote().get(quote) ?? [];

const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** Newest first: an id begins with the moment when it was made. */
export function quotes(customer?: Id): Quote[] {
  const wanted = customer === undefined ? all("quote") : all("quote").filter((quote) => quote.customer_id === customer);
  return [...wanted].sort((left, right) => order(right.id, left.id));
}

/** Whether the organisation's prices are with tax (D-302). */
export const pricesIncludeTax = (): boolean => all("organisation")[0]?.prices_include_tax ?? true;

/** As the server will compute it. */
export const totalOf = (quote: Quote): Amounts => total(linesOf(quote.id), pricesIncludeTax());

/** The own command on a quote that the phone does not see carried out yet. */
function underWay(quote: Id): "submit" | "revise" | null {
  void records.value;
  const commands = own(phone.shelf, keyOf(entityNumber("quote"), quote)).filter(([, { mutation }]) => mutation.kind === Kind.command);
  const told = commands.at(-1)?.[1].command?.["command"];
  return told === "submit" || told === "revise" ? told : null;
}

/** A quote is changed as a draft, or when it came back (D-307), and not after it was submitted on this phone. */
export function isOpen(quote: Quote): boolean {
  return (quote.status === QuoteStatus.draft || quote.status === QuoteStatus.returned) && underWay(quote.id) === null;
}

/** The word for the state of a quote. */
export function stateOf(quote: Quote): QuoteText {
  const moving = underWay(quote.id);
  if (moving !== null) return moving === "submit" ? "submitting" : "revising";
  const names = Object.entries(QuoteStatus).find(([, status]) => status === quote.status);
  return (names?.[0] ?? "unknown") as QuoteText;
}

/** The colour in which a state is told. */
export function toneOf(quote: Quote): string {
  if (underWay(quote.id) !== null) return "wait";
  if (quote.status === QuoteStatus.approved) return "good";
  if (quote.status === QuoteStatus.returned) return "wait";
  return quote.status === QuoteStatus.rejected ? "hot" : "";
}

/** Whether anything of a quote waits to be sent. */
export function quoteWaits(quote: Quote): boolean {
  void records.value;
  return phone.waits("quote", quote.id) || linesOf(quote.id).some(({ id }) => phone.waits("quote_line", id));
}

/** The price books that are valid today, the newest first: a new quote takes the first. */
export function booksNow(): PriceBook[] {
  const valid = all("price_book").filter((book) => book.valid_from_day <= today());
  return valid.sort((left, right) => right.valid_from_day - left.valid_from_day || order(right.id, left.id));
}

const prices = remembered(() => new Map(all("price").map((price) => [`${price.price_book_id} ${price.product_id}`, price])));

/** The price of a product in the quote's book. */
export const listed = (quote: Quote, product: Id): Price | null => prices().get(`${quote.price_book_id} ${product}`) ?? null;

export const productsNow = remembered((): Product[] =>
  all("product")
    .filter((product) => product.active)
    .sort((left, right) => order(left.code, right.code)),
);

export const productName = (id: Id): string => byId("product").get(id)?.name ?? "…";

/** A price that the same customer had for a product in an earlier quote. */
export interface Earlier {
  readonly quote: Quote;
  readonly line: QuoteLine;
}

/** The newest one in the same currency that was submitted and not refused. */
export function lastPrice(quote: Quote, product: Id): Earlier | null {
  const found = quotes(quote.customer_id)
    .filter((other) => other.id !== quote.id && other.currency === quote.currency && SURE.includes(other.status))
    .sort((left, right) => (right.submitted_ms ?? 0) - (left.submitted_ms ?? 0))
    .flatMap((other) => linesOf(other.id).map((line) => ({ quote: other, line })));
  return found.find(({ line }) => line.product_id === product) ?? null;
}

export type Odd = "below" | "beyond";

/** The highest discount of a line for this product at the quote's customer (D-673); null: there is no limit. */
export const limitOf = (quote: Quote, product: Id): number | null =>
  discountLimitBps(tierPolicy(), byId("standing").get(quote.customer_id)?.tier ?? Tier.unknown, listed(quote, product));

/** What the manager will look at twice: a price below its floor after discount, a discount above the limit. */
export function oddOf(quote: Quote, line: QuoteLine): Odd | null {
  const [price, limit] = [listed(quote, line.product_id), limitOf(quote, line.product_id)];
  if (limit !== null && line.discount_bps > limit) return "beyond";
  if (price === null) return null;
  const whole = 10_000;
  const below = BigInt(line.price_minor) * BigInt(whole - line.discount_bps) < BigInt(price.floor_minor) * BigInt(whole);
  return price.floor_minor > 0 && below ? "below" : null;
}
