/** The customers of the manager's scope: the table, and the screen of each. */

import type { JSX } from "preact";
import type { Feature, Shown } from "../../shell/feature.ts";
import { CustomerScreen } from "./customer.tsx";
import { Customers } from "./list.tsx";
import { isManager } from "../../shell/team.ts";
import { RegisteredCustomer } from "./registered.tsx";
import { may } from "../may.ts";
import { say } from "./texts.ts";

function Screen({ rest: [id] }: Shown): JSX.Element {
  if (id === undefined) return <Customers />;
  return isManager() ? <CustomerScreen id={id} /> : <RegisteredCustomer id={id} />;
}

export const CUSTOMERS: Feature = {
  screens: { customers: Screen },
  places: [{ order: 30, to: "customers", icon: "customers", word: () => say("customers"), when: () => may("GET /v1/desk/customers") }],
  kinds: {
    customer: { icon: "customers", to: ({ id }) => `customers/${id}` },
  },
};
