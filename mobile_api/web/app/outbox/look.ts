/** What this person entered, act by act, and what became of each. */

import { Kind, Result, type EntityName, type Id } from "../../client/src/index.ts";
import { BY_NUMBER } from "../../client/src/sync/entity.ts";
import { ownEntries, understood } from "../../client/src/sync/overlay.ts";
import type { Pending } from "../../client/src/sync/shelf.ts";
import { newest } from "../../client/src/sync/unsent.ts";
import { readMutation, type Mutation } from "../../client/src/wire/envelopes.ts";
import { customerWith } from "../../shell/names.ts";
import { one, phone, remembered } from "../../shell/phone.ts";
import { features } from "../../shell/registry.ts";
import { claimOn } from "../../shell/claimed.ts";
import { customerOfCard, openCards } from "../../shell/cards/look.ts";
import { commandWord, kindWord, recordWords, type Anything } from "../../shell/words.ts";
import { say, type OutboxText } from "./texts.ts";

export type Fate = "waiting" | "beneath" | "sent" | "applied" | "merged" | "parked" | "settled" | "rejected" | "duplicate" | "forked";

/** One entry in words. */
export interface Entry {
  readonly n: number;
  readonly mutation: Mutation;
  readonly name: EntityName | undefined;
  readonly title: string;
  readonly line: string;
  readonly customer: Id | null;
  readonly fate: Fate;
  readonly code: string | null;
  readonly field: string | null;
  readonly itemId: Id | null;
}

/** An act, and what was entered about a customer whose claim it is, while that has no answer or after it was refused (P-513). */
export interface Line {
  readonly act: Act;
  readonly beneath: readonly Act[];
}

/** What a person did at once: its entries arrive together or not at all. */
export interface Act {
  readonly firstN: number;
  readonly atMs: number;
  readonly fate: Fate;
  readonly entries: readonly Entry[];
  /** The newest act, never sent: it can be taken back. */
  readonly mayGo: boolean;
}

/** The worst that befell an entry of an act is what the act shows. */
const GRAVITY: readonly Fate[] = [
  "duplicate",
  "applied",
  "merged",
  "settled",
  "waiting",
  "sent",
  "forked",
  "beneath",
  "parked",
  "rejected",
];
const FATES: Readonly<Record<number, Fate>> = {
  [Result.applied]: "applied",
  [Result.merged]: "merged",
  [Result.parked]: "parked",
  [Result.rejected]: "rejected",
  [Result.duplicate]: "duplicate",
  [Result.forked]: "forked",
};
const ACTS: Readonly<Record<number, OutboxText>> = {
  [Kind.create]: "created",
  [Kind.patch]: "changed",
  [Kind.delete]: "deleted",
  [Kind.undo]: "undone",
  [Kind.restore]: "restored",
};

const actsOf = remembered((sentN: number): readonly Act[] => {
  const last = newest(phone.shelf, sentN)[0]?.n;
  const groups = new Map<number, Pending[]>();
  for (const pending of ownEntries(phone.shelf)) {
    const { first_n } = readMutation(pending.raw).group;
    groups.set(first_n, [...(groups.get(first_n) ?? []), pending]);
  }
  return [...groups].reverse().map(([firstN, pendings]) => {
    const entries = pendings.map((pending) => entry(pending, sentN));
    const fate = entries.map((told) => told.fate).reduce((worst, next) => (GRAVITY.indexOf(next) > GRAVITY.indexOf(worst) ? next : worst));
    return { firstN, atMs: entries[0]!.mutation.device_ms, fate, entries, mayGo: last === firstN };
  });
});

/** The newest first. What the server has and has backed up is not among them any more. */
export const acts = (): readonly Act[] => actsOf(phone.session.sentN());

const ASKING: readonly Fate[] = ["waiting", "sent", "forked", "rejected", "parked"];

/** The acts, the newest first; those beneath a claim stand with it, where the newest of them would stand. */
export const lines = (): readonly Line[] => {
  const claims = acts().filter(({ fate, entries: [first] }) => first!.name === "pool_card" && ASKING.includes(fate));
  const claimOf = (act: Act): Act | undefined =>
    claims.find((claim) => claim.firstN <= act.firstN && customerOfAct(claim) === customerOfAct(act));
  const found = new Map<Act, Act[]>();
  for (const act of acts()) {
    const head = (customerOfAct(act) === null ? undefined : claimOf(act)) ?? act;
    found.set(head, [...(found.get(head) ?? []), ...(head === act ? [] : [act])]);
  }
  return [...found].map(([act, beneath]) => ({ act, beneath }));
};

const customerOfAct = ({ entries: [first] }: Act): Id | null => first!.customer;

function entry(pending: Pending, sentN: number): Entry {
  const mutation = readMutation(pending.raw);
  const { outcome } = pending;
  const unanswered: Fate = phone.seat.forked ? "forked" : pending.n > sentN ? "waiting" : "sent";
  const words = inWords(pending.raw, mutation);
  const { code = null, field = null, item_id: itemId = null } = outcome ?? {};
  const answered = outcome === null ? unanswered : (FATES[outcome.result] ?? "sent");
  const fate = answered === "parked" ? parked(code, itemId) : answered;
  return { n: pending.n, mutation, name: BY_NUMBER.get(mutation.entity)?.name, fate, code, field, itemId, ...words };
}

/** What was put on a card waits for a decision, or for a claim's card, until that card is settled. */
function parked(code: string | null, itemId: Id | null): Fate {
  if (code === "record_waits" && isBeneath(itemId)) return "beneath";
  return openCards().some(({ id }) => id === itemId) ? "parked" : "settled";
}

/** Whether it waits on the card of a claim that was refused. */
function isBeneath(id: Id | null): boolean {
  const item = id === null ? null : one("inbox_item", id);
  return item !== null && claimOn(item) !== null;
}

/** A fact is corrected, or withdrawn, by a new one that names the first. */
function actOf(kind: number, values: Readonly<Record<string, unknown>>): OutboxText {
  if (values["leaving"] === true) return "leaving";
  if (typeof values["amends_id"] === "string") return values["withdrawn"] === true ? "withdrawn" : "corrected";
  return ACTS[kind] ?? "changed";
}

function inWords(raw: Uint8Array, mutation: Mutation): Pick<Entry, "title" | "line" | "customer"> {
  const intent = understood(raw);
  const kind = kindWord(mutation.entity) || say("unknown_kind");
  if (intent === null) return { title: kind, line: "", customer: null };
  const { name } = intent.entity;
  const values = Object.assign({}, ...intent.groups.values()) as Record<string, unknown>;
  const record = { ...(one(name, mutation.id) as Anything | null), ...values, id: mutation.id, rev: 0 } as Anything;
  const customer = name === "inbox_item" ? ofCard(mutation.id) : customerWith(name, record);
  if (intent.command !== null) {
    const { command: _, ...told } = intent.command;
    const texts = Object.entries(told).filter(([slot, value]) => typeof value === "string" && value !== "" && !/_(id|hash)$/.test(slot));
    const line = [lineOf(name, record), ...texts.map(([, text]) => text)].filter(Boolean).join(" · ");
    return { title: titleOf(name, record, intent.command), line, customer };
  }
  const whole = mutation.kind === Kind.create ? lineOf(name, record) : "";
  return { title: say(actOf(mutation.kind, values), { kind }), line: whole || recordWords(mutation.entity, values), customer };
}

function ofCard(id: Id): Id | null {
  const item = one("inbox_item", id);
  return item === null ? null : customerOfCard(item);
}

/** To keep what stands means nothing where nothing else stood: a refusal is left as it is. */
function titleOf(name: EntityName, { id }: Anything, told: Readonly<Record<string, unknown>>): string {
  const item = name === "inbox_item" && told["command"] === "keep_theirs" ? one(name, id) : null;
  return item !== null && item.code !== "conflict" ? say("left") : sentence(commandWord(told));
}

function lineOf(name: EntityName, record: Anything): string {
  const line = features().kinds[name]?.line as ((of: Anything) => string) | undefined;
  return line?.(record) ?? "";
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
