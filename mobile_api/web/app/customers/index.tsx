/** The customers of a rep: the list, a new one, and the screen of each. */

import type { JSX } from "preact";
import type { Feature, Shown } from "../../shell/feature.ts";
import { CustomerScreen } from "./customer.tsx";
import { Facts } from "./facts.tsx";
import { Customers } from "./list.tsx";
import { NewCustomer } from "./new.tsx";
import { Team } from "./team.tsx";
import { Standing } from "./tier.tsx";
import { say } from "./texts.ts";
import { Timeline } from "./timeline.tsx";

function Screen({ rest: [id] }: Shown): JSX.Element {
  if (id === undefined) return <Customers />;
  return id === "new" ? <NewCustomer /> : <CustomerScreen id={id} />;
}

export const CUSTOMERS: Feature = {
  screens: { customers: Screen },
  places: [{ order: 20, to: "customers", icon: "customers", word: () => say("customers") }],
  customer: [
    { order: 40, View: Timeline, claimed: true },
    { order: 50, View: Facts },
    { order: 80, View: Standing },
    { order: 90, View: Team },
  ],
  kinds: {
    customer: { icon: "customers", to: ({ id }) => `customers/${id}` },
  },
};
