/** Contributions of former holders: what they entered, and taking it over as one's own (P-510, D-130). */

import {
  command,
  ContributionState,
  Kind,
  type Contribution,
  type Edit,
  type Id,
  type Member,
  type Values,
} from "../../client/src/index.ts";
import { BY_NUMBER } from "../../client/src/sync/entity.ts";
import { enter } from "../../shell/entering.ts";
import { all, phone, remembered } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { say } from "./texts.ts";

const SETTLED_MAX = 20;

/** Contributions to customers of this person that somebody else made. */
const received = remembered((): readonly Contribution[] => all("contribution").filter(({ author_id }) => author_id !== phone.seat.user_id));

export const settling = (one: Contribution): boolean => phone.waits("contribution", one.id);
export const open = (): readonly Contribution[] => received().filter((one) => one.state === ContributionState.open && !settling(one));
export const settled = (): readonly Contribution[] =>
  received()
    .filter((one) => one.state !== ContributionState.open || settling(one))
    .sort((left, right) => (right.decided_ms ?? Infinity) - (left.decided_ms ?? Infinity))
    .slice(0, SETTLED_MAX);

/** Declines, or enters the values as one's own and says so in the same act. */
export function settle(one: Contribution, taken: boolean): Promise<Told | null> {
  const edits = taken ? ownEdits(one.members) : [];
  return enter([...edits, command("contribution", one.id, { command: "settle", taken })], { text: say("settled") });
}

/** New records get ids of their own: the author's ids still name the author's entries. */
function ownEdits(members: readonly Member[]): Edit[] {
  const fresh = new Map<Id, Id>();
  for (const { kind, id } of members) if (kind === Kind.create) fresh.set(id, phone.newId());
  return members.flatMap((member): Edit[] => {
    const entity = BY_NUMBER.get(member.entity);
    if (entity === undefined || member.kind === Kind.command) return [];
    const id = fresh.get(member.id) ?? member.id;
    if (member.kind === Kind.delete) return [{ kind: Kind.delete, entity, id }];
    const values = Object.fromEntries(Object.entries(member.mine).map(([slot, value]) => [slot, fresh.get(String(value)) ?? value]));
    if (member.kind === Kind.create) return [{ kind: Kind.create, entity, id, values }];
    return [{ kind: Kind.patch, entity, id, values: changed(entity.sets, values) }];
  });
}

function changed(sets: ReadonlySet<string>, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([slot, value]) => [slot, sets.has(slot) && Array.isArray(value) ? { add: value } : value]),
  );
}
