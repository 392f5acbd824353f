/** Who is known at a customer's. */

import type { Contact, Id } from "../../client/src/index.ts";
import { byName } from "../format.ts";
import { all, remembered } from "../phone.ts";

/** By name. */
export const peopleOf = remembered((customer: Id): readonly Contact[] =>
  byName(all("contact").filter((contact) => contact.customer_id === customer)),
);
