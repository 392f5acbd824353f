/** Quotes: of a customer and of all, drafting one without a network, submitting it, revising it. */

import type { JSX } from "preact";
import { QuoteStatus } from "../../client/src/index.ts";
import type { Feature, Shown } from "../../shell/feature.ts";
import { money } from "../../shell/format.ts";
import { one } from "../../shell/phone.ts";
import { lineWords } from "./line.tsx";
import { OfOneCustomer, Quotes } from "./list.tsx";
import { numberOf, productName, quotes, stateOf, totalOf } from "./look.ts";
import { QuoteScreen } from "./quote.tsx";
import { say } from "./texts.ts";

function Screen({ rest: [id] }: Shown): JSX.Element {
  return id === undefined ? <Quotes /> : <QuoteScreen key={id} id={id} />;
}

const cameBack = (): number => quotes().filter(({ status }) => status === QuoteStatus.returned).length;

export const QUOTES: Feature = {
  screens: { quotes: Screen },
  more: [{ order: 20, to: "quotes", icon: "quote", word: () => say("quotes"), badge: cameBack }],
  customer: [{ order: 40, View: OfOneCustomer, claimed: true }],
  kinds: {
    quote: {
      icon: "quote",
      line: (quote) => [numberOf(quote), say(stateOf(quote)), money(totalOf(quote).gross_minor, quote.currency)].join(" · "),
      atMs: ({ decided_ms, submitted_ms }) => decided_ms ?? submitted_ms,
      to: ({ id }) => `quotes/${id}`,
    },
    quote_line: {
      icon: "quote",
      line: (line) => `${productName(line.product_id)} · ${lineWords(line, one("quote", line.quote_id)?.currency ?? "")}`,
      to: ({ quote_id }) => `quotes/${quote_id}`,
    },
  },
};
