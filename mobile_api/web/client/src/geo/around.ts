/** Which customers that a phone holds are around a place, and which of them are wanted (D-460, D-462, D-463, D-465). */

import { Tier, type Collaborator, type Customer, type CustomerKind, type FollowUp, type Id } from "../generated/schema.ts";
import type { PoolCard, Standing } from "../generated/schema.ts";
import { knownPosition, type Position } from "./datum.ts";
import { nearest, type Placed } from "./nearby.ts";

/** How a customer stands to the user who asks. */
export const Relation = { unknown: 0, own: 1, collaborated: 2, pooled: 3 } as const;
export type Relation = (typeof Relation)[keyof typeof Relation];

/** Which customers are wanted; null: any. `due_by`: a day by which a follow-up of the customer is due. */
export interface NearFilters {
  readonly relations: readonly Relation[];
  readonly pool_id: Id | null;
  readonly tier: Tier | null;
  readonly kind: CustomerKind | null;
  readonly industry: string | null;
  readonly due_by: number | null;
}

/** What a phone of this user holds, with what was entered on it. */
export interface Held {
  readonly user_id: Id;
  readonly customers: readonly Customer[];
  readonly standings: readonly Standing[];
  readonly collaborators: readonly Collaborator[];
  readonly cards: readonly PoolCard[];
  readonly follow_ups: readonly FollowUp[];
}

/** A customer on this phone, how it stands to the user, and how far it is; a pooled one by its card. */
export interface NearFound {
  readonly id: Id;
  readonly relation: Relation;
  readonly distance_mm: number;
}

/** What the filters look at. */
export interface Judged {
  readonly relation: Relation;
  readonly pool_id: Id | null;
  readonly tier: Tier;
  readonly kind: CustomerKind;
  readonly industry: string | null;
}

type Seen = Placed & Judged;

/** The customers within a radius, nearest first, as the server lists those that the phone holds. */
export function around(held: Held, at: Position, radiusM: number, filters: NearFilters): NearFound[] {
  const day = filters.due_by;
  const due = new Set(held.follow_ups.filter(({ done, due_day }) => !done && due_day <= (day ?? 0)).map((one) => one.customer_id));
  const seen = new Map([...pooled(held), ...followedUp(held)].map((one) => [one.id, one]));
  const wanted = [...seen.values()].filter((one) => fits(one, filters) && (day === null || due.has(one.id)));
  return nearest(wanted, at, radiusM).map(({ id, distance_mm }) => ({ id, relation: seen.get(id)!.relation, distance_mm }));
}

/** Whether a customer is wanted. Of a pooled one only what its card shows decides: a hidden tier is unknown, and none is due. */
export function fits(one: Judged, { relations, pool_id, tier, kind, industry, due_by }: NearFilters): boolean {
  return (
    relations.includes(one.relation) &&
    !(one.relation === Relation.pooled && due_by !== null) &&
    (tier === null || tier === one.tier) &&
    (kind === null || kind === one.kind) &&
    (industry === null || industry === one.industry) &&
    (pool_id === null || pool_id === one.pool_id)
  );
}

function pooled({ cards }: Held): Seen[] {
  return cards.flatMap((card) => {
    const { id, latitude_e6, longitude_e6, pool_id, tier, kind, industry } = card;
    if (!card.pooled || latitude_e6 === null || longitude_e6 === null) return [];
    return [{ id, latitude_e6, longitude_e6, relation: Relation.pooled, pool_id, tier, kind, industry }];
  });
}

/** Own customers, also such as the server does not know yet, and those that the user follows up beside the owner. */
function followedUp({ user_id, customers, standings, collaborators }: Held): Seen[] {
  const standing = new Map(standings.map((one) => [one.id, one]));
  const shared = new Set(collaborators.filter((one) => one.user_id === user_id).map((one) => one.customer_id));
  return customers.flatMap((customer) => {
    const { id, kind, industry } = customer;
    const [stands, at] = [standing.get(id), place(customer)];
    const isOwn = stands === undefined || stands.owner_id === user_id;
    if (at === null || (stands?.pool_id ?? null) !== null || !(isOwn || shared.has(id))) return [];
    const relation = isOwn ? Relation.own : Relation.collaborated;
    return [{ id, ...at, relation, pool_id: null, tier: stands?.tier ?? Tier.unknown, kind, industry }];
  });
}

/** In WGS-84: as the server has it, or as an entry says that it does not have yet. */
function place({ wgs_latitude_e6, wgs_longitude_e6, datum, latitude_e6, longitude_e6 }: Customer): Position | null {
  if (wgs_latitude_e6 === null || wgs_longitude_e6 === null) return knownPosition(datum, latitude_e6, longitude_e6);
  return { latitude_e6: wgs_latitude_e6, longitude_e6: wgs_longitude_e6 };
}
