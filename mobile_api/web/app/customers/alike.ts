/** Customers of this phone that may be the one that is being entered. */

import type { Customer } from "../../client/src/index.ts";
import { all, remembered } from "../../shell/phone.ts";
import { digits, folded } from "./look.ts";

export interface Alike {
  readonly customer: Customer;
  readonly by: "phone" | "name";
}

const TAIL_DIGITS = 7;
const LETTERS_MIN = 2;
const SHOWN_MAX = 3;
/** What many names have in common says nothing: forms of firms, and signs between words. */
const COMMON = /有限责任公司|股份有限公司|有限公司|公司|商行|\b(?:co|ltd|inc|gmbh|llc)\b|[\s\p{P}\p{S}]/gu;

const core = (name: string): string => folded(name).replace(COMMON, "");
const tail = (number: string): string => digits(number).slice(-TAIL_DIGITS);

interface Known {
  readonly customer: Customer;
  readonly core: string;
  readonly tail: string;
}

const known = remembered((): readonly Known[] =>
  all("customer").map((customer) => ({ customer, core: core(customer.name), tail: tail(customer.phone) })),
);

/** At most SHOWN_MAX customers with the same end of the number, or with a name that holds the other's; the same number first. */
export function alike(name: string, number: string): Alike[] {
  const [wantedCore, wantedTail] = [core(name), tail(number)];
  const sameTail = ({ tail: one }: Known): boolean => wantedTail.length === TAIL_DIGITS && one === wantedTail;
  const sameName = ({ core: one }: Known): boolean =>
    Math.min(wantedCore.length, one.length) >= LETTERS_MIN && (one.includes(wantedCore) || wantedCore.includes(one));
  const byPhone = known().filter(sameTail);
  const byName = known().filter((one) => !sameTail(one) && sameName(one));
  return [
    ...byPhone.map(({ customer }): Alike => ({ customer, by: "phone" })),
    ...byName.map(({ customer }): Alike => ({ customer, by: "name" })),
  ].slice(0, SHOWN_MAX);
}
