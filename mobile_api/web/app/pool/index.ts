/** Pools: customers to claim nearby, and own ones to release. */

import type { Feature } from "../../shell/feature.ts";
import { one } from "../../shell/phone.ts";
import { lineOf, nameOf } from "./look.ts";
import { PoolScreen } from "./pool.tsx";
import { Release } from "./release.tsx";
import { say } from "./texts.ts";
import { watchClaims } from "./won.tsx";

watchClaims();

export const POOL: Feature = {
  screens: { pool: PoolScreen },
  more: [{ order: 10, to: "pool", icon: "pool", word: () => say("pool") }],
  customer: [{ order: 99, View: Release }],
  kinds: {
    pool_card: {
      icon: "pool",
      line: (card) => (one("pool_card", card.id) === null ? "" : [nameOf(card), lineOf(card)].filter(Boolean).join(" · ")),
      to: () => "pool",
    },
    pool_hold: { icon: "pool", line: ({ customer_name }) => customer_name ?? say("hidden_name"), to: () => "pool" },
    standing: { icon: "customers", line: () => "", to: ({ id }) => `customers/${id}` },
  },
};
