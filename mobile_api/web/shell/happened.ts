/** What has happened with customers, of every kind of record that has a moment; a fact shows with its corrections. */

import { factsWithAmendments, type Amended, type EntityName, type Id, type Visit } from "../client/src/index.ts";
import { ENTITIES, type Entity } from "../client/src/sync/entity.ts";
import type { Kind } from "./feature.ts";
import { all, phone, remembered } from "./phone.ts";
import { features } from "./registry.ts";
import { customerOf, kindTitle, recordWords, type Anything } from "./words.ts";
import type { IconName } from "./icons.tsx";

/** One line of a customer's history. */
export interface Happening {
  readonly name: EntityName;
  readonly record: Anything;
  readonly customerId: Id;
  readonly atMs: number;
  /** How often a correction of it was entered; the newest shows. */
  readonly corrections: number;
}

/** Moments of a kind that no feature describes, the best one first. */
const MOMENTS = ["occurred_ms", "created_ms", "device_ms"];
const AMENDS = "amends_id";

/** All that happened, newest first. */
export const happenings = remembered((): readonly Happening[] =>
  ENTITIES.filter(({ byName }) => byName.has("customer_id"))
    .flatMap(ofKind)
    .sort((left, right) => right.atMs - left.atMs),
);

const byCustomer = remembered(() => {
  const found = new Map<Id, Happening[]>();
  for (const one of happenings()) {
    const known = found.get(one.customerId);
    if (known === undefined) found.set(one.customerId, [one]);
    else known.push(one);
  }
  return found;
});

/** All that happened with one customer, newest first. */
export const happeningsOf = (customer: Id): readonly Happening[] => byCustomer().get(customer) ?? [];

/** Customer → when somebody met or reached it last, as far as this phone knows: also by entries that are not sent yet. */
export const lastContacts = remembered((): ReadonlyMap<Id, number> => {
  const found = new Map<Id, number>();
  const heard = (customer: Id, ms: number): void => void (ms > (found.get(customer) ?? 0) && found.set(customer, ms));
  for (const { id, last_contact_ms } of all("standing")) if (last_contact_ms !== null) heard(id, last_contact_ms);
  for (const { name, record, customerId, atMs } of happenings())
    if ((name === "visit" || name === "contact_log") && record["withdrawn"] !== true) heard(customerId, atMs);
  return found;
});

/** How a line reads: by its feature's words, or by those of its fields. */
export function readable({ name, record }: Pick<Happening, "name" | "record">): {
  readonly title: string;
  readonly line: string;
  readonly icon: IconName;
  readonly to: string | null;
  readonly waits: boolean;
} {
  const kind = kindOf(name);
  const entity = ENTITIES.find((one) => one.name === name)!;
  return {
    title: kindTitle(entity.number),
    line: kind?.line?.(record as never) ?? recordWords(entity.number, record),
    icon: kind?.icon ?? "clock",
    to: kind?.to?.(record as never) ?? null,
    waits: phone.waits(name, record.id),
  };
}

function kindOf(name: EntityName): Kind<never> | undefined {
  return features().kinds[name] as Kind<never> | undefined;
}

function ofKind(entity: Entity): Happening[] {
  const kind = kindOf(entity.name);
  if (kind !== undefined && kind.atMs === undefined) return [];
  return amended(entity).flatMap(({ first, shown, amendments }) => {
    const record = shown as unknown as Anything;
    const moment = kind === undefined ? 0 : kind.atMs!(first as never);
    const atMs = moment === 0 ? momentOf(first as unknown as Anything) : moment;
    const customerId = customerOf(entity.name, record);
    return atMs === null || customerId === null
      ? []
      : [
          {
            name: entity.name,
            record,
            customerId,
            atMs,
            corrections: amendments.filter((one) => !("leaving" in one && one.leaving)).length,
          },
        ];
  });
}

function amended(entity: Entity): readonly Amended[] {
  const records = all(entity.name) as unknown as readonly Visit[];
  if (entity.byName.has(AMENDS)) return factsWithAmendments(records);
  return records.map((record) => ({ first: record, shown: record, amendments: [] }));
}

function momentOf(record: Anything): number | null {
  for (const slot of MOMENTS) {
    const told = record[slot];
    if (typeof told === "number" && told > 0) return told;
  }
  return null;
}
