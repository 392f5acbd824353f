/** Two buttons on a customer's screen that enter fridges. How one reads anywhere is left to the app. */

import type { JSX } from "preact";
import { create, patch, type EntityName } from "../client/src/index.ts";
import { enter } from "../shell/entering.ts";
import type { Feature, OfCustomer } from "../shell/feature.ts";
import { all } from "../shell/phone.ts";

const FRIDGE = "cold_case" as EntityName;
const ON_LOAN = 1;
const DAY = 21_000;

function Fridge({ customer }: OfCustomer): JSX.Element {
  const lent = all(FRIDGE).find((one) => (one as unknown as Record<string, unknown>)["customer_id"] === customer.id);
  const lend = { customer_id: customer.id, device_ms: Date.now(), serial_no: "K-700", loan_state: ON_LOAN, back_day: DAY };
  return lent === undefined ? (
    <button onClick={() => void enter([create(FRIDGE, lend as never)], null)}>Lend</button>
  ) : (
    <button onClick={() => void enter([patch(FRIDGE, lent.id, { last_remark: "door is bent" } as never)], null)}>Inspect</button>
  );
}

export const COLD_CASES: Feature = { actions: [{ order: 90, View: Fridge }] };
