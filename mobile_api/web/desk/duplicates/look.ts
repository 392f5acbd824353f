/** Pairs of customers that bear one number, as the server lists them; and the decision about one (D-150 to D-155). */

import { effect, signal } from "@preact/signals";
import { DuplicateState, type Customer, type Duplicate, type Id, type Standing } from "../../client/src/index.ts";
import { one, online, records, signedIn, syncedMs } from "../../shell/phone.ts";
import { ask, give, useAsked } from "../../shell/rest.ts";
import { isAdmin, isLeader } from "../../shell/team.ts";
import { tick } from "../heard.tsx";
import { askNamed, named, type Named } from "../named.ts";

const PATH = "/v1/desk/duplicates";
/** No more pairs than this are fetched for one look; filters find the others. */
const PAIRS_MAX = 1_000;
export const STATES = [DuplicateState.undecided, DuplicateState.same, DuplicateState.different] as const;

export type Verdict = "same" | "different";

export interface Filters {
  /** Empty: all. */
  readonly state: string;
  readonly author: Id | "";
}

const waiting = signal<readonly Duplicate[]>([]);
const turn = signal(0);

/** One look for the badge: anew on each hint, every half minute, and after each decision. */
effect(() => {
  void [records.value, tick.value, turn.value, online.value];
  if (signedIn.value === null || syncedMs.value === null || !isLeader()) return;
  askPairs({ state: String(DuplicateState.undecided), author: "" }).then(
    (items) => (waiting.value = items),
    () => undefined, // the screen itself says why
  );
});

export const lookAgain = (): void => void (turn.value += 1);

/** Whether the pair waits for this very person. A manager above the decider may decide too. */
const isMine = ({ decider_id: decider }: Duplicate): boolean => (isAdmin() ? decider === null : decider === signedIn.value?.user_id);

export const waitingPairs = (): number => waiting.value.filter(isMine).length;

export function askPairs({ state, author }: Filters): Promise<Duplicate[]> {
  const query = new URLSearchParams({ ...(state === "" ? {} : { state }), ...(author === "" ? {} : { author_id: author }) });
  return askNamed<Duplicate>(`${PATH}?${query}`, (items) => items.length >= PAIRS_MAX);
}

/** One pair of the list, whoever decides it; null when it is not in it. */
export async function askPair(id: Id): Promise<{ readonly pair: Duplicate | null }> {
  const found = await askNamed<Duplicate>(PATH, (items) => items.some((one) => one.id === id));
  return { pair: found.find((one) => one.id === id) ?? null };
}

export interface Decision {
  readonly verdict: Verdict;
  readonly pool_id: Id | null;
  readonly reason: string;
}

/** Throws Problem(not_found | state_wrong | rule_broken | out_of_scope | forbidden). */
export function decide({ id, first_id, second_id }: Duplicate, decision: Decision): Promise<Duplicate> {
  return give<Duplicate>(`${PATH}/${id}/decision`, { first_id, second_id, ...decision });
}

/** One of the two, as far as the person may see it. */
export interface Side {
  readonly customer: Customer | null;
  /** What the list told, where the desk does not hold the customer. */
  readonly named: Named | null;
  readonly standing: Standing | null;
}

export function sideOf(id: Id): Side {
  const told = named(id);
  return { customer: one("customer", id), named: told, standing: told?.standing ?? null };
}

interface Entry {
  readonly user_id: Id | null;
  readonly at_ms: number;
}

/** Who entered the customer, and when: the oldest of the changes that the server tells; null for a customer out of sight. */
export function useEntered(id: Id, seen: boolean): Entry | null {
  const look = async (): Promise<readonly Entry[]> =>
    seen ? (await ask<{ readonly items: readonly Entry[] }>(`/v1/records/customer/${id}/history`)).items : [];
  return useAsked(look, [id, seen]).value?.at(-1) ?? null;
}
