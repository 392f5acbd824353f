/** How customers like things. */

import type { Feature } from "../../shell/feature.ts";
import { Preferences } from "./preferences.tsx";

export const PREFERENCES: Feature = {
  customer: [{ order: 70, View: Preferences, claimed: true }],
  kinds: {
    preference: {
      icon: "check",
      line: ({ subject, wish }) => [subject, wish].filter(Boolean).join(" · "),
      to: ({ customer_id }) => `customers/${customer_id}`,
    },
  },
};
