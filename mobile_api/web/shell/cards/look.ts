/** Which cards wait and which are decided, how a card's values differ, and which ways a person has with it. */

import type { EntityName, Id, InboxItem, Member, Values } from "../../client/src/index.ts";
import { isOffered } from "../../client/src/agreed/claims.ts";
import { ItemState, Kind } from "../../client/src/index.ts";
import { AGAIN } from "../../client/src/sync/decisions.ts";
import { BY_NUMBER, entityOf } from "../../client/src/sync/entity.ts";
import { serverRecord } from "../../client/src/sync/overlay.ts";
import type { Pending } from "../../client/src/sync/shelf.ts";
import { newest } from "../../client/src/sync/unsent.ts";
import { readMutation, type Mutation } from "../../client/src/wire/envelopes.ts";
import { claimOn } from "../claimed.ts";
import { distance } from "../format.ts";
import { all, one, phone, remembered } from "../phone.ts";
import { fieldWord, kindWord, personName, valueWords, word, type Anything } from "../words.ts";
import { say } from "./texts.ts";

const CUSTOMER = entityOf("customer").number;
const ITEM = entityOf("inbox_item").number;
const PLACE = ["latitude_e6", "longitude_e6", "datum"];
/** Ids that say something to a person; all others only tie records together. */
const TOLD_IDS = new Set(["product_id", "pool_id", "contact_id", "department_id"]);
const SHOWN_MAX = 30;
const FIELDS_MAX = 3;

/** Cards that wait for a decision of this person, the newest first. */
export const openCards = remembered((): readonly InboxItem[] =>
  phone
    .openItems()
    .filter((item) => deciding(item).length === 0)
    .reverse(),
);

/** Cards that were decided, here or by what happened, the newest first. */
export const decidedCards = remembered((): readonly InboxItem[] => {
  const open = new Set(openCards().map(({ id }) => id));
  const own = phone.inbox().filter((item) => item.holder_id === phone.seat.user_id && !open.has(item.id));
  return own.sort((left, right) => (right.decided_ms ?? Infinity) - (left.decided_ms ?? Infinity)).slice(0, SHOWN_MAX);
});

/** Entries without an answer that decide about a card. */
export function deciding(item: InboxItem): readonly Pending[] {
  return phone.shelf.pendings().filter((one) => one.outcome === null && decides(readMutation(one.raw), item));
}

function decides(told: Mutation, item: InboxItem): boolean {
  if (told.entity === ITEM) return told.id === item.id;
  return item.members.some((one) => {
    if (one.entity !== told.entity || one.id !== told.id || told.kind === Kind.command) return false;
    if (one.kind === Kind.create) return told.kind === Kind.create;
    const seen = one.their_rev || one.base_rev;
    return Object.entries(told.bases).some(([group, base]) => base === seen && (one.group === "" || group === one.group));
  });
}

/** The decision is the newest entry of this phone and was never sent: it can leave the queue again. */
export function stillHere(item: InboxItem): boolean {
  const last = newest(phone.shelf, phone.session.sentN()).map(({ n }) => n);
  const own = deciding(item).map(({ n }) => n);
  return own.length > 0 && own.every((n) => last.includes(n));
}

/** Whose entry a card that was sent up is; null for the reader's own. */
export function authorOf(item: InboxItem): string | null {
  if (item.origin_id === null) return null;
  return personName(all("inbox_item").find(({ id }) => id === item.origin_id)?.holder_id) || "…";
}

export const customerOfCard = (item: InboxItem): Id | null =>
  item.customer_id ?? item.members.find(({ entity }) => entity === CUSTOMER)?.id ?? null;

/** The author may still decide; the other codes are refusals, to be read and put away (P-508). */
export const decidable = (item: InboxItem): boolean => AGAIN.has(item.code);

/** A refusal that its author left alone: no value of anybody was kept in its place. */
export const isLeft = (item: InboxItem): boolean => item.state === ItemState.kept_theirs && item.code !== "conflict";

/**
 * Whether entering the same again has a chance: not where the record is gone, or the customer is somebody else's. Of what was sent up the
 * manager's device holds a part only, so it cannot tell.
 */
export function mineFits(item: InboxItem): boolean {
  const edits = item.members.filter(({ kind, entity }) => kind !== Kind.command && BY_NUMBER.has(entity));
  if (edits.length === 0 || !(decidable(item) || item.code === "out_of_scope")) return false;
  const made = new Set(edits.filter(({ kind }) => kind === Kind.create || kind === Kind.restore).map(({ id }) => id));
  const customer = customerOfCard(item);
  if (customer !== null && !made.has(customer) && phone.view("customer", customer) === null) return false;
  return (
    item.origin_id !== null ||
    edits.every((one) => made.has(one.id) || serverRecord(phone.shelf, BY_NUMBER.get(one.entity)!, one.id) !== null)
  );
}

/** The value that stands is the person's own, from another phone. */
export const ownElsewhere = (item: InboxItem, { their_user_id }: Member): boolean =>
  item.origin_id === null && their_user_id !== null && their_user_id === phone.seat.user_id;

/** One field of which there are several values; null: nothing is told about that one. */
export interface Difference {
  readonly slot: string;
  readonly label: string;
  readonly mine: string | null;
  readonly theirs: string | null;
  readonly before: string | null;
}

/** Only the fields that differ: the others would hide them. */
export function differences(member: Member): Difference[] {
  if (member.kind === Kind.delete) return deletion(member);
  if (commandOf(member) === "claim") return []; // where the phone was stands in the words of the refusal
  return slotsOf(member.mine).flatMap((slot) => {
    const [mine, theirs, before] = [member.mine[slot], member.theirs[slot], member.before[slot]];
    const told = slot in member.theirs || slot in member.before;
    const same = slot in member.theirs && sameValue(member, slot, mine, theirs) && sameValue(member, slot, mine, before);
    const idle = !told && (mine === null || mine === "" || mine === false || (Array.isArray(mine) && mine.length === 0));
    return same || idle ? [] : [difference(member, slot, member.mine)];
  });
}

/** Of a record that was to be deleted: what somebody changed in it meanwhile, as far as the card tells what stood before. */
function deletion(member: Member): Difference[] {
  const told = Object.keys(member.before).length > 0;
  const stands = slotsOf(member.theirs).filter((slot) => !told || slot in member.before);
  const changed = stands.filter((slot) => !sameValue(member, slot, member.theirs[slot], member.before[slot]));
  return changed.map((slot) => ({ ...difference(member, slot, {}), mine: null }));
}

function difference(member: Member, slot: string, mine: Values): Difference {
  const place = slot === PLACE[0];
  const label = place ? word("position") : fieldWord(member.entity, slot);
  const of = (values: Values): string | null => (slot in values ? wordsIn(member, slot, values) : null);
  return { slot, label, mine: of(mine), theirs: of(member.theirs), before: of(member.before) };
}

function wordsIn(member: Member, slot: string, values: Values): string {
  const record = { ...member.before, ...values, id: member.id, rev: 0 } as Anything;
  const parts = slot === PLACE[0] ? PLACE.slice(0, 2) : [slot];
  return parts.map((part) => valueWords(member.entity, part, values[part], record)).join(", ");
}

/** Slots for a person: a position once, and no ids that only tie records together. */
function slotsOf(values: Values): string[] {
  return Object.keys(values).filter(
    (slot) => !PLACE.slice(1).includes(slot) && slot !== "command" && slot !== "position" && (!slot.endsWith("_id") || TOLD_IDS.has(slot)),
  );
}

function sameValue(member: Member, slot: string, left: unknown, right: unknown): boolean {
  if (slot !== PLACE[0]) return JSON.stringify(left ?? null) === JSON.stringify(right ?? null);
  return left === right && member.mine[PLACE[1]!] === member.theirs[PLACE[1]!];
}

/** What a card is about, in a few words: its fields, or the kinds of its records. */
export function aboutWords({ members }: InboxItem): string {
  const labels = members.flatMap((member) => differences(member).map(({ label }) => label));
  return [...new Set(labels.length > 0 ? labels : members.map(({ entity }) => kindWord(entity)))].slice(0, FIELDS_MAX).join(", ");
}

/** Of a claim from too far away: how far the phone was from the place on the pool card, and how near the pool wants it (D-135). */
export function howFar(item: InboxItem): Readonly<Record<string, string>> {
  const member = item.members.find((one) => commandOf(one) === "claim");
  const card = member === undefined ? null : one("pool_card", member.id);
  const radius_m = card === null ? null : (one("pool", card.pool_id)?.claim_radius_m ?? null);
  const words = (mm: number | null): string => (mm === null ? say("far_unknown") : distance(mm));
  return { far: words(item.distance_mm), near: words(radius_m === null ? null : radius_m * 1000) };
}

/** Whether what a card holds was entered beneath a claim that was refused (P-513). */
export const isBeneath = (item: InboxItem): boolean => item.origin_id === null && claimOn(item) !== null;

/** A visit, a contact log or a sample beneath a claim that somebody else won. */
export const isOfferedBeneath = (item: InboxItem, member: Member): boolean => isOffered([...item.earlier, ...item.members], member);

/** The command of a member; null when it is none. */
export const commandOf = (member: Member): string | null => (member.kind === Kind.command ? String(member.mine["command"] ?? "") : null);

export const kindName = (entity: number): EntityName | undefined => BY_NUMBER.get(entity)?.name;

export const isOpen = (item: InboxItem): boolean => item.state === ItemState.open;
