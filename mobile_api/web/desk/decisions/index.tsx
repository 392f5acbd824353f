/** What waits for the manager's decision, and a quote in full. */

import type { JSX } from "preact";
import type { Feature, Shown } from "../../shell/feature.ts";
import { Decisions } from "./decisions.tsx";
import { waitingCount } from "./look.ts";
import { QuoteScreen } from "./quote.tsx";
import { may } from "../may.ts";
import { say } from "./texts.ts";

function Quotes({ rest: [id] }: Shown): JSX.Element {
  return id === undefined ? <Decisions /> : <QuoteScreen key={id} id={id} />;
}

export const DECISIONS: Feature = {
  screens: { decisions: Decisions, quotes: Quotes },
  places: [
    {
      order: 20,
      to: "decisions",
      icon: "decide",
      word: () => say("decisions"),
      badge: waitingCount,
      when: () => may("POST /v1/quotes/{quote_id}/decisions"),
    },
  ],
  kinds: {
    quote: {
      icon: "quote",
      line: ({ number, title, local_number }) => [number || local_number, title].filter(Boolean).join(" · "),
      asked: (id) => `quotes/${id}`,
    },
  },
};
