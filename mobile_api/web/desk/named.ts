/** Customers by name and standing: those that the desk holds by sync, and those that the lists of the server named besides. */

import { signal } from "@preact/signals";
import type { Id, Standing } from "../client/src/index.ts";
import { one } from "../shell/phone.ts";
import { pages } from "../shell/rest.ts";

/** What the desk may know of a customer. */
export interface Named {
  readonly id: Id;
  readonly name: string;
  readonly city: string;
  readonly standing: Standing | null;
}

const told = signal<ReadonlyMap<Id, Named>>(new Map());

/** A list of records that are about customers; an admin, who holds none, learns of whom it speaks. */
export function askNamed<T>(path: string, enough?: (items: readonly T[]) => boolean): Promise<T[]> {
  return pages<T>(path, enough, ({ customers = [] }) => {
    if (customers.length > 0)
      told.value = new Map([...told.peek(), ...(customers as readonly Named[]).map((one) => [one.id, one] as const)]);
  });
}

/** Keeps what the server told of a customer. */
export function keepNamed(one: Named): void {
  told.value = new Map([...told.peek(), [one.id, one]]);
}

/** Null where the person may not know it. */
export function named(id: Id): Named | null {
  const held = one("customer", id);
  if (held === null) return told.value.get(id) ?? null;
  return { id, name: held.name, city: held.city, standing: one("standing", id) };
}
