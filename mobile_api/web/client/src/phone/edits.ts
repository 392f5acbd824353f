/** What a user does, as edits that a phone enters: typed by the generated schema, by the name of the record. */

import { Kind, type Commands, type EntityName, type Id, type Records, type Tagged, type Values } from "../generated/schema.ts";
import { seenNow, type Seen } from "../sync/bases.ts";
import type { Edit } from "../sync/device.ts";
import { entityOf, type Entity } from "../sync/entity.ts";
import type { SetChange } from "../sync/sets.ts";
import type { Shelf } from "../sync/shelf.ts";
import { newId } from "../wire/ids.ts";

type Slots<N extends EntityName> = Exclude<keyof Records[N], "id" | "rev" | "extra">;
/** Fields that the organisation defined itself, as `extra.<key>`; null clears one. */
type Extra = Readonly<Record<`extra.${string}`, string | number | null>>;

/** The fields of a new record; a set is the list of its elements. */
export type Given<N extends EntityName> = Extra & {
  readonly [S in Slots<N>]?: Records[N][S] extends readonly Tagged[] ? readonly string[] : Records[N][S];
};
/** The changed fields of a record; a set changes by `adding` and `removing`. */
export type Changed<N extends EntityName> = Extra & {
  readonly [S in Slots<N>]?: Records[N][S] extends readonly Tagged[] ? SetChange : Records[N][S];
};

/** A new record. `id`: `phone.newId()` where the platform has no Web Crypto, or when another edit refers to the record. */
export function create<N extends EntityName>(name: N, values: Given<N>, id: Id = freshId()): Edit {
  return { kind: Kind.create, entity: entity(name), id, values: values as Values };
}

/** New values of some fields. They rest on what the phone shows when they are entered; of a form, on what was `seen` when it opened. */
export function patch<N extends EntityName>(name: N, id: Id, values: Changed<N>, seen?: Seen): Edit {
  return { kind: Kind.patch, entity: entity(name), id, values: values as Values, ...(seen === undefined ? {} : { seen }) };
}

/** The record goes. `seen` as of a patch. */
export function remove(name: EntityName, id: Id, seen?: Seen): Edit {
  return { kind: Kind.delete, entity: entity(name), id, ...(seen === undefined ? {} : { seen }) };
}

/** What the phone shows of a record now: a form keeps it from when it opens, so that it overwrites nothing that came meanwhile. */
export function seenOf(shelf: Shelf, name: EntityName, id: Id): Seen {
  return seenNow(shelf, entity(name), id);
}

/** A verb on a record, such as `command("quote", id, { command: "submit", content_hash })`. */
export function command<N extends keyof Commands>(name: N, id: Id, told: Commands[N]): Edit {
  return { kind: Kind.command, entity: entity(name), id, command: { ...told } };
}

function entity(name: EntityName): Entity {
  return entityOf(name) as unknown as Entity;
}

function freshId(): Id {
  return newId(Date.now(), crypto.getRandomValues(new Uint8Array(16)));
}
