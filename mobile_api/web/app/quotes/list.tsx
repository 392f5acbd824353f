/** Quotes in lists: all of this phone by what has to happen next, and those of one customer. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { QuoteStatus, type Customer, type Quote } from "../../client/src/index.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { byName, dayWord, money } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { customerName } from "../../shell/names.ts";
import { Empty, LongList, TopBar } from "../../shell/parts.tsx";
import { all, remembered } from "../../shell/phone.ts";
import { Picker } from "../../shell/picker.tsx";
import { href } from "../../shell/router.ts";
import { isOpen, linesOf, numberOf, quotes, totalOf } from "./look.ts";
import { NewQuoteSheet } from "./new.tsx";
import { StateChip } from "./quote.tsx";
import { say, type QuoteText } from "./texts.ts";

const ROW_PX = 76;

/** `whose`: the customer's name, in a list of many customers. */
function Row({ quote, whose = "" }: { readonly quote: Quote; readonly whose?: string }): JSX.Element {
  const until = quote.valid_until_day === null ? "" : `${say("valid_until")} ${dayWord(quote.valid_until_day)}`;
  const count = say("items", { n: linesOf(quote.id).length });
  return (
    <a class="row" href={href(`quotes/${quote.id}`)}>
      <span class="grow">
        <b>{whose || quote.title || numberOf(quote)}</b>
        <small>
          {[whose !== "" || quote.title !== "" ? numberOf(quote) : "", count, whose === "" ? until : ""].filter(Boolean).join(" · ")}
        </small>
      </span>
      <span class="sum">
        {money(totalOf(quote).gross_minor, quote.currency)}
        <StateChip quote={quote} />
      </span>
    </a>
  );
}

const GROUPS: readonly (readonly [QuoteText, (quote: Quote) => boolean])[] = [
  ["to_finish", isOpen],
  ["with_manager", (quote) => !isOpen(quote) && isUndecided(quote)],
  ["decided", (quote) => !isOpen(quote) && !isUndecided(quote)],
];

const isUndecided = ({ status }: Quote): boolean =>
  status === QuoteStatus.draft || status === QuoteStatus.returned || status === QuoteStatus.submitted;

export function Quotes(): JSX.Element {
  const [picking, setPicking] = useState(false);
  const [customer, setCustomer] = useState<Customer | null>(null);
  const found = quotes();
  return (
    <>
      <TopBar title={say("quotes")} before="me">
        <button aria-haspopup="dialog" class="bare" aria-label={say("new_quote")} onClick={() => setPicking(true)}>
          <Icon name="plus" />
        </button>
      </TopBar>
      <main>
        {GROUPS.map(([name, belongs]) => {
          const items = found.filter(belongs);
          if (items.length === 0) return null;
          return (
            <section key={name}>
              <h2>{say(name)}</h2>
              <LongList
                items={items}
                height={ROW_PX}
                row={(quote) => <Row quote={quote} whose={customerName(quote.customer_id) ?? "…"} />}
                keyed={({ id }) => id}
                label={say(name)}
              />
            </section>
          );
        })}
        {found.length === 0 && <Empty icon="quote">{say("no_quotes")}</Empty>}
      </main>
      {picking && customer === null && <CustomerPicker onPick={setCustomer} onClose={() => setPicking(false)} />}
      {customer !== null && <NewQuoteSheet customer={customer.id} onClose={() => (setCustomer(null), setPicking(false))} />}
    </>
  );
}

interface Picking {
  readonly onPick: (customer: Customer) => void;
  readonly onClose: () => void;
}

const customersByName = remembered(() => byName(all("customer")));

function CustomerPicker({ onPick, onClose }: Picking): JSX.Element {
  return (
    <Picker
      title={say("for_whom")}
      items={customersByName()}
      text={({ name, city, phone }) => `${name} ${city} ${phone}`}
      keyed={({ id }) => id}
      name={({ name }) => name}
      line={({ city, address }) => [city, address].filter(Boolean).join(" · ")}
      onPick={onPick}
      onClose={onClose}
    />
  );
}

/** The section of a customer's screen. */
export function OfOneCustomer({ customer }: OfCustomer): JSX.Element {
  const [making, setMaking] = useState(false);
  const found = quotes(customer.id);
  return (
    <section>
      <h2 class="headed">
        <span class="grow">{say("quotes")}</span>
        <button aria-haspopup="dialog" class="bare" aria-label={say("new_quote")} onClick={() => setMaking(true)}>
          <Icon name="plus" />
          {say("new_short")}
        </button>
      </h2>
      <div class="card list">
        {found.map((quote) => (
          <Row key={quote.id} quote={quote} />
        ))}
        {found.length === 0 && <p class="nothing">{say("nothing")}</p>}
      </div>
      {making && <NewQuoteSheet customer={customer.id} onClose={() => setMaking(false)} />}
    </section>
  );
}
