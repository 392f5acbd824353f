/** A rep's day, by `days/<rep>/<day>`. */

import type { JSX } from "preact";
import type { Feature, Shown } from "../../shell/feature.ts";
import { Day } from "./day.tsx";
import { may } from "../may.ts";
import { say } from "./texts.ts";

function Screen({ rest: [rep, day] }: Shown): JSX.Element {
  return <Day rep={rep} day={day} />;
}

export const DAYS: Feature = {
  screens: { days: Screen },
  places: [{ order: 40, to: "days", icon: "calendar", word: () => say("days"), when: () => may("GET /v1/desk/visits") }],
  kinds: {
    visit: {
      icon: "pin",
      atMs: ({ occurred_ms }) => occurred_ms,
      line: ({ purpose, note }) => [purpose, note].filter(Boolean).join(" · "),
    },
    contact_log: { icon: "talk", atMs: ({ occurred_ms }) => occurred_ms, line: ({ note }) => note },
  },
};
