/** Which customers of this phone are around it, by the rule that the server has too (D-465), and which further ones the server knows. */

import { signal } from "@preact/signals";
import { around, CustomerKind, Relation, Tier, type Held, type Id, type NearFilters, type NearFound } from "../../client/src/index.ts";
import type { Position } from "../../client/src/geo/datum.ts";
import { today } from "../../shell/form.tsx";
import { miles } from "../../shell/format.ts";
import { keep, kept } from "../../shell/kept.ts";
import { all, byId, remembered, signedIn } from "../../shell/phone.ts";
import { fix } from "../../shell/position.ts";
import { pages } from "../../shell/rest.ts";

const RADIUS_M = 50_000;
const FURTHER_ENOUGH = 20;
const PAGE = 200;
const CHIPS_MAX = 6;
const UNIT = "unit";

/** Which are wanted; null: any. `due_in`: a follow-up is due in so many days, or earlier. */
export interface Wanted {
  readonly relation: Relation | null;
  readonly pool_id: Id | null;
  readonly tier: Tier | null;
  readonly kind: CustomerKind | null;
  readonly industry: string | null;
  readonly due_in: number | null;
}

/** It stays when one comes back to the list. */
export const wanted = signal<Wanted>({ relation: null, pool_id: null, tier: null, kind: null, industry: null, due_in: null });

/** A customer that the server knows and this phone does not hold. */
export interface Further extends Position {
  readonly id: Id;
  readonly name: string | null;
  readonly city: string | null;
  readonly industry: string | null;
  readonly distance_mm: number;
}

function filters(): NearFilters {
  const { relation, due_in, ...others } = wanted.value;
  const relations = relation === null ? [Relation.own, Relation.collaborated, Relation.pooled] : [relation];
  return { ...others, relations, due_by: due_in === null ? null : today() + due_in };
}

const held = remembered((): Held => ({
  user_id: signedIn.value?.user_id ?? "",
  customers: all("customer"),
  standings: all("standing"),
  collaborators: all("collaborator"),
  cards: all("pool_card"),
  follow_ups: all("follow_up"),
}));

/** The nearest first; none without a position. */
export const found = (): readonly NearFound[] => (fix.value === null ? [] : around(held(), fix.value, RADIUS_M, filters()));

/** The values that are most frequent on this phone. */
function most<T>(values: readonly (T | null | "")[]): T[] {
  const counts = new Map<T, number>();
  for (const value of values) if (value !== null && value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort((one, other) => other[1] - one[1])
    .flatMap(([value]) => value)
    .slice(0, CHIPS_MAX);
}

const shown = (): readonly { readonly kind: CustomerKind; readonly industry: string | null }[] => [...held().customers, ...held().cards];

/** What there is to choose from. */
export const industries = remembered(() => most<string>(shown().map(({ industry }) => industry)));
export const kinds = remembered(() => most<CustomerKind>(shown().map(({ kind }) => kind)).filter((kind) => kind !== CustomerKind.unknown));
export const pools = remembered(() => most<Id>(held().cards.map(({ pooled, pool_id }) => (pooled ? pool_id : null))));

export const isHere = ({ id }: Further): boolean => byId("customer").has(id) || byId("pool_card").get(id)?.pooled === true;

/** Asks the server the same question; needs the network. */
export async function further({ latitude_e6, longitude_e6 }: Position): Promise<Further[]> {
  const { relations, tier, kind, ...others } = filters();
  const asked = {
    latitude: latitude_e6 / 1e6,
    longitude: longitude_e6 / 1e6,
    limit: PAGE,
    relation: relations.length > 1 ? null : nameIn(Relation, relations[0]),
    tier: nameIn(Tier, tier),
    kind: nameIn(CustomerKind, kind),
    ...others,
  };
  const query = Object.entries(asked).flatMap(([name, value]) => (value === null ? [] : `${name}=${encodeURIComponent(value)}`));
  const isNew = (one: Further): boolean => !isHere(one);
  const told = await pages<Further>(`/v1/nearby?${query.join("&")}`, (items) => items.filter(isNew).length >= FURTHER_ENOUGH);
  return told.filter(isNew);
}

const nameIn = (choice: Readonly<Record<string, number>>, value: number | null | undefined): string | null =>
  Object.keys(choice).find((name) => choice[name] === value) ?? null;

/** Distances are told as the person has chosen on this phone. */
export const watchUnit = (): void => void signedIn.subscribe((user) => (miles.value = user !== null && kept(UNIT) === "mi"));

export function turnUnit(): void {
  miles.value = !miles.value;
  keep(UNIT, miles.value ? "mi" : "km");
}
