/** On which values an entry rests: those that its author had on screen (P-330, P-335). */

import { WHOLE_KINDS } from "./decode.ts";
import type { Edit } from "./device.ts";
import { WHOLE, type Entity } from "./entity.ts";
import { own, serverRecord } from "./overlay.ts";
import { keyOf, type Shelf } from "./shelf.ts";
import { Kind, type Id } from "../generated/schema.ts";
import type { Mutation } from "../wire/envelopes.ts";

/** What was on screen of one record at a moment: the rev of the server's row, and the own entries that were drawn over it. */
export interface Seen {
  readonly rev: number;
  readonly own: readonly Mutation[];
}

/** What is on screen of the record now. */
export function seenNow(shelf: Shelf, entity: Entity, id: Id): Seen {
  const entered = own(shelf, keyOf(entity.number, id)).map(([, intent]) => intent.mutation);
  return { rev: serverRecord(shelf, entity, id)?.rev ?? 0, own: entered };
}

/** The groups that an edit touches. */
export function groupsOf(edit: Edit): string[] {
  if (edit.kind === Kind.delete || edit.kind === Kind.restore) return [WHOLE];
  if (edit.kind !== Kind.patch && edit.kind !== Kind.undo) return [];
  const named = Object.keys(edit.values ?? {}).map((slot) => edit.entity.groupOfSlot(slot));
  return [...new Set(named.filter((group): group is string => group !== undefined))];
}

/** Per group: the rev of the server body on screen, or the base of an own edit that covers the group (P-330). */
export function basesOf(shelf: Shelf, edit: Edit): Record<string, number> {
  if (edit.bases !== undefined) return { ...edit.bases };
  const groups = groupsOf(edit);
  if (groups.length === 0) return {};
  const seen = edit.seen ?? seenNow(shelf, edit.entity, edit.id);
  const bases: Record<string, number> = {};
  for (const group of groups) {
    const inherited = seen.own.filter((mutation) => covers(mutation, group)).map((mutation) => inheritedFrom(mutation, group));
    bases[group] = inherited.length > 0 ? Math.min(...inherited) : seen.rev;
  }
  return bases;
}

function inheritedFrom(mutation: Mutation, group: string): number {
  if (group !== WHOLE) return mutation.bases[group] ?? 0;
  const bases = Object.values(mutation.bases);
  return bases.length > 0 ? Math.min(...bases) : 0;
}

/** A delete looks at everything: any own edit that has a base covers it. Operations on sets have none (P-413). */
function covers(mutation: Mutation, group: string): boolean {
  if (WHOLE_KINDS.includes(mutation.kind)) return true;
  return group === WHOLE ? Object.keys(mutation.bases).length > 0 : group in mutation.bases;
}
