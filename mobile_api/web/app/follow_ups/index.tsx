/** Planned contacts: the next steps of a customer. */

import type { Feature } from "../../shell/feature.ts";
import { dayWord } from "../../shell/format.ts";
import { Steps } from "./steps.tsx";
import { say } from "./texts.ts";

export const FOLLOW_UPS: Feature = {
  customer: [{ order: 10, View: Steps, claimed: true }],
  kinds: {
    follow_up: {
      icon: "calendar",
      line: ({ due_day, purpose, done }) => [done ? say("is_done") : dayWord(due_day), purpose || say("contact")].join(" · "),
      to: ({ customer_id }) => `customers/${customer_id}`,
    },
  },
};
