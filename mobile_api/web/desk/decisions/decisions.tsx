/** All that waits for the manager: submitted quotes at the left, cards at the right. */

import type { JSX } from "preact";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { DecidedCard, OpenCard } from "../../shell/cards/card.tsx";
import { decidedCards, openCards } from "../../shell/cards/look.ts";
import { Contests } from "../contests/contests.tsx";
import { Heard } from "../heard.tsx";
import { useQuotes } from "./look.ts";
import { MoreTime } from "../extensions/more_time.tsx";
import { QuoteBody, QuoteHead } from "./quote.tsx";
import { say } from "./texts.ts";

export function Decisions(): JSX.Element {
  const quotes = useQuotes();
  const [cards, decided] = [openCards(), decidedCards()];
  return (
    <>
      <TopBar title={say("decisions")} />
      <main class="side-by-side decides">
        <section>
          <Contests />
          <h2>{say("quotes")}</h2>
          <Heard of={quotes} />
          {quotes.value?.map((quote) => (
            <article class="card decide-card" key={quote.id} aria-label={quote.number}>
              <QuoteHead quote={quote} />
              <QuoteBody id={quote.id} />
            </article>
          ))}
          {quotes.value?.length === 0 && <Empty icon="quote">{say("no_quotes")}</Empty>}
        </section>
        <section>
          <MoreTime />
          <h2>{say("cards")}</h2>
          <div class="decisions">
            {cards.map((item) => (
              <OpenCard key={item.id} item={item} />
            ))}
          </div>
          {cards.length === 0 && <Empty icon="check">{say("no_cards")}</Empty>}
          {decided.length > 0 && (
            <>
              <h2>{say("decided_cards")}</h2>
              <div class="decisions">
                {decided.map((item) => (
                  <DecidedCard key={item.id} item={item} />
                ))}
              </div>
            </>
          )}
        </section>
      </main>
    </>
  );
}
