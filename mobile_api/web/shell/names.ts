/** Names of customers that this phone may not hold any more, kept of what was on the screen when something was entered for them. */

import type { Edit, EntityName, Id } from "../client/src/index.ts";
import { one, phone } from "./phone.ts";
import { customerOf, type Anything } from "./words.ts";

const NAMES_MAX = 200;

/** A list of names by the customers' ids; the oldest ones leave it. */
export interface KeptNames {
  all(): Readonly<Record<Id, string>>;
  add(id: Id, name: string): void;
  drop(id: Id): void;
}

/** No other trace of a lost claim names its customer (P-127, P-504). */
export const claimedNames = keptNames("claimed");
/** Claims whose end was not told yet, and those that were won and not opened yet. */
export const openClaims = keptNames("claiming");
export const wonClaims = keptNames("won");
const enteredNames = keptNames("entered");

/** Keeps the names of the customers that these edits are about: when one goes to somebody else, its card still says which it was. */
export function rememberCustomers(edits: readonly Edit[]): void {
  for (const { entity, id, values } of edits) {
    const customer = customerWith(entity.name, { ...(one(entity.name, id) as Anything | null), ...values, id, rev: 0 });
    const name = customer === null ? undefined : one("customer", customer)?.name;
    if (customer !== null && name !== undefined && enteredNames.all()[customer] !== name) enteredNames.add(customer, name);
  }
}

/** The customer that a record is about, also through its quote. */
export function customerWith(kind: EntityName, record: Anything): Id | null {
  const { quote_id } = record;
  return customerOf(kind, record) ?? (typeof quote_id === "string" ? (one("quote", quote_id)?.customer_id ?? null) : null);
}

/** The name of a customer here, or of one that was here; null when this phone knows none. */
export const customerName = (id: Id): string | null =>
  one("customer", id)?.name ?? one("pool_card", id)?.name ?? enteredNames.all()[id] ?? claimedNames.all()[id] ?? null;

/** In the phone's own storage: whatever else a browser keeps may be lost when it is killed. */
function keptNames(list: string): KeptNames {
  const note = `app.${list}`;
  const all = (): Readonly<Record<Id, string>> => {
    const body = phone.file.note(note);
    return body === undefined ? {} : (JSON.parse(new TextDecoder().decode(body)) as Record<Id, string>);
  };
  const put = (id: Id, name: string | null): void =>
    void phone.file.change((write) => {
      const others = Object.entries(all()).filter(([other]) => other !== id);
      const named = [...others, ...(name === null ? [] : [[id, name] as const])];
      write(note, new TextEncoder().encode(JSON.stringify(Object.fromEntries(named.slice(-NAMES_MAX)))));
    });
  return { all, add: put, drop: (id) => put(id, null) };
}
