/** The inbox: what waits for a decision, and what was decided. */

import type { JSX } from "preact";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { DecidedCard, OpenCard } from "../../shell/cards/card.tsx";
import { decidedCards, openCards } from "../../shell/cards/look.ts";
import { say } from "./texts.ts";

export function Inbox(): JSX.Element {
  const [open, decided] = [openCards(), decidedCards()];
  return (
    <>
      <TopBar title={say("inbox")} />
      <main>
        {open.length === 0 ? <Empty icon="inbox">{say("empty")}</Empty> : <p class="lead">{say("lead")}</p>}
        <div class="decisions">
          {open.map((item) => (
            <OpenCard key={item.id} item={item} />
          ))}
        </div>
        {decided.length > 0 && (
          <section>
            <h2>{say("decided")}</h2>
            <div class="decisions">
              {decided.map((item) => (
                <DecidedCard key={item.id} item={item} />
              ))}
            </div>
          </section>
        )}
      </main>
    </>
  );
}
