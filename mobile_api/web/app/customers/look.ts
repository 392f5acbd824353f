/** How the rep's screens look at customers: whose they are, where they are, which are searched for. */

import { signal } from "@preact/signals";
import { knownPosition, Tier, type Collaborator, type Customer, type FollowUp, type Id } from "../../client/src/index.ts";
import { ownEntries } from "../../client/src/sync/overlay.ts";
import { readMutation } from "../../client/src/wire/envelopes.ts";
import { today } from "../../shell/form.tsx";
import { byName } from "../../shell/format.ts";
import { customerName } from "../../shell/names.ts";
import { all, byId, phone, remembered, signedIn } from "../../shell/phone.ts";
import { initialsOf, wordInitials } from "../../shell/pinyin.ts";
import { distanceTo, type Placed } from "../../shell/position.ts";
import { falling } from "../countdown/look.ts";

/** Which customers are wanted. Null and false: any. */
export interface Wanted {
  readonly words: string;
  readonly whose: "mine" | "shared" | null;
  readonly due: boolean;
  /** The user's own that are about to fall into a pool, the first one first. */
  readonly falling: boolean;
  readonly tier: Tier | null;
  /** By distance from the phone. */
  readonly near: boolean;
}

export const ALL: Wanted = { words: "", whose: null, due: false, falling: false, tier: null, near: false };
/** What is searched for; it stays when one comes back to the list. */
export const wanted = signal<Wanted>(ALL);

interface Searched {
  /** All that is searched, in lower case. */
  readonly text: string;
  /** What a name begins with, in letters and by first letters: such customers come first. */
  readonly begins: readonly string[];
}

/** Text as it is searched: one form, one case. */
export const folded = (text: string): string => text.normalize("NFKC").toLowerCase();

/** The digits of a telephone number. */
export const digits = (number: string): string => number.replace(/\D/g, "");

/** All customers of this phone by name, in the reader's order. */
const listed = remembered((): readonly Customer[] => byName(all("customer")));

function listedFalling(): readonly Customer[] {
  const customers = byId("customer");
  return falling().flatMap(({ id }) => customers.get(id) ?? []);
}

/** A record never changes, so each is folded once. */
const known = new WeakMap<Customer, Searched>();

function searched(customer: Customer): Searched {
  let found = known.get(customer);
  if (found === undefined) known.set(customer, (found = searchedOf(customer)));
  return found;
}

function searchedOf({ name, city, address, phone: number }: Customer): Searched {
  const begins = [folded(name), wordInitials(name), ...initialsOf(name)];
  return { begins, text: [...begins, folded(`${city} ${address} ${number}`), digits(number), ...initialsOf(city)].join("\n") };
}

const FOLDED_AT_ONCE = 200;

/** Folds the customers for the first search while nothing else is to be done; the answer ends that. */
export function prepareSearch(): () => void {
  const customers = listed();
  let at = 0;
  let timer: ReturnType<typeof setTimeout>;
  const step = (): void => {
    customers.slice(at, (at += FOLDED_AT_ONCE)).forEach(searched);
    if (at < customers.length) timer = setTimeout(step);
  };
  timer = setTimeout(step);
  return () => clearTimeout(timer);
}

/** The customers that hold each of the words and pass the filters: those whose names begin so first, or the nearest. */
export function matching({ words, near, falling: onlyFalling, ...filters }: Wanted): Customer[] {
  const each = folded(words).split(/\s+/).filter(Boolean);
  const passes = filter(filters);
  const found = (onlyFalling ? listedFalling() : listed()).filter(
    (customer) => each.every((word) => searched(customer).text.includes(word)) && passes(customer.id),
  );
  if (near) return nearest(found);
  const first = each[0];
  if (first === undefined) return found;
  const begin = (customer: Customer): boolean => searched(customer).begins.some((text) => text.startsWith(first));
  return [...found.filter(begin), ...found.filter((one) => !begin(one))];
}

function filter({ whose, due, tier }: Omit<Wanted, "words" | "near" | "falling">): (id: Id) => boolean {
  const standings = byId("standing");
  const duties = dueDays();
  return (id) =>
    (whose === null || isMine(id) === (whose === "mine")) &&
    (!due || (duties.get(id) ?? Infinity) <= today()) &&
    (tier === null || standings.get(id)?.tier === tier);
}

/** Those with a known distance, the nearest first; then all others. */
function nearest(customers: readonly Customer[]): Customer[] {
  const far = customers.map((customer) => ({ customer, mm: distanceTo(placed(customer)) ?? Infinity }));
  return far.sort((left, right) => (left.mm === right.mm ? 0 : left.mm - right.mm)).map(({ customer }) => customer);
}

/** Whether the customer is the user's own; one that was just made here is. */
export function isMine(id: Id): boolean {
  const standing = byId("standing").get(id);
  return standing === undefined || standing.owner_id === signedIn.value?.user_id;
}

/** The WGS-84 position: as the server has it, or of an entry that it does not have yet. */
export function placed(customer: Customer): Placed {
  if (customer.wgs_latitude_e6 !== null) return customer;
  const found = knownPosition(customer.datum, customer.latitude_e6, customer.longitude_e6);
  return { wgs_latitude_e6: found?.latitude_e6 ?? null, wgs_longitude_e6: found?.longitude_e6 ?? null };
}

/** Open follow-ups, the earliest first. */
export const openFollowUps = remembered((): readonly FollowUp[] =>
  all("follow_up")
    .filter(({ done }) => !done)
    .sort((left, right) => left.due_day - right.due_day),
);

/** Customer → day of its first open follow-up. */
export const dueDays = remembered(
  (): ReadonlyMap<Id, number> => new Map([...openFollowUps()].reverse().map(({ customer_id, due_day }) => [customer_id, due_day])),
);

/** Colleagues with whom a customer is shared. */
export const collaboratorsOf = remembered((customer: Id): readonly Collaborator[] =>
  all("collaborator").filter((share) => share.customer_id === customer),
);

export const nameOf = (customer: Id): string => customerName(customer) ?? "…";

/** Records of which an own entry has no answer yet. */
export const unsent = remembered((): ReadonlySet<Id> => {
  const open = ownEntries(phone.shelf).filter((pending) => pending.outcome === null);
  return new Set(open.map((pending) => readMutation(pending.raw).id));
});
