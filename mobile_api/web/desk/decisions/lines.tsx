/** The lines of a quote against list price and floor, and the totals. */

import type { JSX } from "preact";
import { lineAmount } from "../../client/src/agreed/money.ts";
import type { Quote, QuoteLine } from "../../client/src/index.ts";
import { dayWord, money, percent, quantity } from "../../shell/format.ts";
import { idWords } from "../../shell/words.ts";
import { bookPrice, limitOf, type QuoteShown } from "./look.ts";
import { say } from "./texts.ts";

const WHOLE_BPS = 10_000;

/** What one unit costs after the discount. */
const paidMinor = (line: QuoteLine): number => Math.round((line.price_minor * (WHOLE_BPS - line.discount_bps)) / WHOLE_BPS);

function Against({ quote, line }: { readonly quote: Quote; readonly line: QuoteLine }): JSX.Element {
  const price = bookPrice(quote, line);
  const list = line.list_price_minor || (price?.price_minor ?? 0);
  const floor = price?.floor_minor ?? 0;
  const paid = paidMinor(line);
  if (floor > 0 && paid < floor) return <span class="chip hot">{say("below_floor", { floor: money(floor, quote.currency) })}</span>;
  const limit = limitOf(quote, line);
  if (limit !== null && line.discount_bps > limit) return <span class="chip hot">{say("beyond_limit", { percent: percent(limit) })}</span>;
  if (list <= 0) return <span />;
  const away = Math.round(((list - paid) * WHOLE_BPS) / list);
  if (away === 0) return <span class="chip good">{say("at_list")}</span>;
  return <span class={away > 0 ? "chip wait" : "chip good"}>{say(away > 0 ? "off" : "above", { percent: percent(Math.abs(away)) })}</span>;
}

export function Lines({ shown: { quote, lines } }: { readonly shown: QuoteShown }): JSX.Element {
  return (
    <div class="scrolls" tabIndex={0} role="group" aria-label={say("product")}>
      <table class="quote-lines">
        <thead>
          <tr>
            <th scope="col">{say("product")}</th>
            <th scope="col" class="number">
              {say("quantity")}
            </th>
            <th scope="col" class="number">
              {say("price")}
            </th>
            <th scope="col">{say("list")}</th>
            <th scope="col" class="number">
              {say("amount")}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <th scope="row">
                {idWords("product_id", line.product_id)}
                {line.note !== "" && <small>{line.note}</small>}
              </th>
              <td class="number">
                {quantity(line.quantity_thousandths)} {line.unit}
              </td>
              <td class="number">
                {money(line.price_minor, quote.currency)}
                {line.discount_bps > 0 && <small>{say("discount", { percent: percent(line.discount_bps) })}</small>}
              </td>
              <td>
                <Against quote={quote} line={line} />
              </td>
              <td class="number">{money(lineAmount(line), quote.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="totals">
        {quote.valid_until_day !== null && <small>{say("valid_until", { day: dayWord(quote.valid_until_day) })}</small>}
        <small>{say("net", { amount: money(quote.net_minor, quote.currency) })}</small>
        <small>{say("tax", { amount: money(quote.tax_minor, quote.currency) })}</small>
      </p>
    </div>
  );
}
