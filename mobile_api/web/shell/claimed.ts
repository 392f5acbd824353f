/** Customers that this person asked for and does not hold: the claim waits for the server, or another claim was first (P-513). */

import { isAsking } from "../client/src/agreed/claims.ts";
import { ItemState, type Customer, type Id, type InboxItem } from "../client/src/index.ts";
import { entityOf, type Entity } from "../client/src/sync/entity.ts";
import { build } from "../client/src/sync/merge.ts";
import { own } from "../client/src/sync/overlay.ts";
import { keyOf } from "../client/src/sync/shelf.ts";
import { customerName } from "./names.ts";
import { all, one, phone, remembered } from "./phone.ts";

const CARD = entityOf("pool_card").number;

export interface Claimed {
  /** As the pool card shows it: most of it is unknown. */
  readonly customer: Customer;
  /** The card of the claim that was refused; null while the claim waits. */
  readonly lost: InboxItem | null;
}

/** Whether a claim of this customer is on its way: the person may enter records beneath it. */
export const isClaiming = (id: Id): boolean => own(phone.shelf, keyOf(CARD, id)).length > 0;

/** The newest claim of this customer that was refused and not put away. */
export const refusedClaim = remembered((id: Id): InboxItem | null => {
  const found = all("inbox_item").filter((item) => item.state === ItemState.open && item.origin_id === null && claimOn(item) === id);
  return found.reduce<InboxItem | null>((newest, each) => (newest === null || each.created_ms > newest.created_ms ? each : newest), null);
});

/** The customer whose claim stands on a card; null: none stands there. */
export const claimOn = ({ members }: InboxItem): Id | null => members.find(isAsking)?.id ?? null;

/** Null for a customer of this phone, and for one that nobody here asked for. */
export function claimed(id: Id, unnamed: string): Claimed | null {
  const lost = isClaiming(id) ? null : refusedClaim(id);
  if (one("customer", id) !== null || (lost === null && !isClaiming(id))) return null;
  const card = one("pool_card", id);
  const shown = { name: customerName(id) ?? unnamed, city: card?.city ?? "", industry: card?.industry ?? "", kind: card?.kind ?? 0 };
  return { lost, customer: build(entityOf("customer") as unknown as Entity, id, 0, shown, [0, 0]) as unknown as Customer };
}

/** Whether this customer has a screen here. */
export const hasScreen = (id: Id): boolean => one("customer", id) !== null || isClaiming(id) || refusedClaim(id) !== null;
