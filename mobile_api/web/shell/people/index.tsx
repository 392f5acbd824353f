/** The people at a customer's. */

import type { Feature } from "../feature.ts";
import { People } from "./people.tsx";

export const PEOPLE: Feature = {
  customer: [{ order: 60, View: People, claimed: true }],
  kinds: {
    contact: {
      icon: "me",
      line: ({ name, title, phone }) => [name, title, phone].filter(Boolean).join(" · "),
      to: ({ customer_id }) => `customers/${customer_id}`,
    },
  },
};
