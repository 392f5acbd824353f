/** The device core behind one line of JSON per question: how the Python simulator drives it. Bytes travel as hex. */

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { contentHash } from "./src/agreed/quotes.ts";
import type { Event, Tagged, Values } from "./src/generated/schema.ts";
import { decideEach, inbox, useMine } from "./src/sync/decisions.ts";
import { understand } from "./src/sync/decode.ts";
import { apply, commandOut, enter, keepTiles, request, takeNewLine, type Edit } from "./src/sync/device.ts";
import { fittedBy, MisfitError, tidied } from "./src/sync/entered.ts";
import { BY_NUMBER, bodyOut, ENTITIES } from "./src/sync/entity.ts";
import { views } from "./src/sync/overlay.ts";
import { due } from "./src/sync/receipts.ts";
import { changed, distinct, elements, inverse, removing, renumbered, resolved, type SetChange, type Tag } from "./src/sync/sets.ts";
import { keyOf, keyParts, Shelf, type Seat } from "./src/sync/shelf.ts";
import { cleanText, controlIn, plain, shown, typed } from "./src/wire/text.ts";
import { undoable, undoOf } from "./src/sync/undo.ts";
import { newest, takeBack } from "./src/sync/unsent.ts";
import { decode } from "./src/wire/decode.ts";

import { encode } from "./src/wire/encode.ts";
import { outcomeOf, outcomeSlots, readAnswer, requestBytes } from "./src/wire/envelopes.ts";

type Told = Record<string, any>;
type Command = "keep_theirs" | "dismiss" | "send_to_manager";
const shelves = new Map<number, Shelf>();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bodies = new WeakMap<Uint8Array, string>();
const sorted = new WeakMap<Uint8Array, string>();
const told = new WeakMap<object, string>();
const raw = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const sha = (bytes: Uint8Array | string): Buffer => createHash("sha256").update(bytes).digest();

// a shelf as both sides tell it

function load(state: Told): Shelf {
  const shelf = new Shelf();
  const { seat, scopes, rows, holds, pendings } = state;
  shelf.seat = { ...seat, cursor: raw(seat.cursor) } as Seat;
  for (const scope of scopes) shelf.scopes.set(scope.scope, scope);
  for (const [entity, id, body] of rows) shelf.rows.set(keyOf(entity, id), raw(body));
  for (const [scope, entity, id, generation] of holds) shelf.hold(scope, keyOf(entity, id), generation);
  for (const [n, bytes, outcome, overlay] of pendings) {
    shelf.putPending({ n, raw: raw(bytes), outcome: outcome === null ? null : outcomeOf(decode(raw(outcome)) as unknown[]), overlay });
  }
  return shelf;
}

/** Own bytes with sorted keys, for comparison. */
function dump(shelf: Shelf): Told {
  const { seat } = shelf;
  const holds: [number, number, string, number][] = [];
  for (const [key, held] of shelf.holds) for (const [scope, generation] of held) holds.push([scope, ...keyParts(key), generation]);
  return {
    seat: { ...seat, cursor: hex(seat.cursor), tiles: [...seat.tiles] },
    scopes: [...shelf.scopes.values()].sort((left, right) => left.scope - right.scope),
    rows: [...shelf.rows].map(([key, body]) => [...keyParts(key), once(bodies, body, hex)]).sort(byKey),
    holds: holds.sort((left, right) => left[0] - right[0] || byKey(left.slice(1), right.slice(1))),
    pendings: shelf.pendings().map((one) => {
      const outcome = one.outcome === null ? null : hex(encode(outcomeSlots(one.outcome)));
      return [one.n, once(sorted, one.raw, (bytes) => hex(encode(decode(bytes)))), outcome, one.overlay];
    }),
  };
}

/** Another shelf that holds the same. */
function copied(shelf: Shelf): Shelf {
  const copy = new Shelf();
  copy.seat = shelf.seat;
  for (const [scope, held] of shelf.scopes) copy.scopes.set(scope, held);
  for (const [key, body] of shelf.rows) copy.rows.set(key, body);
  for (const [key, held] of shelf.holds) copy.holds.set(key, new Map(held));
  for (const one of shelf.pendings()) copy.putPending(one);
  return copy;
}

/** Bytes and records never change, so each is told once. */
function once<K extends object>(known: WeakMap<K, string>, key: K, make: (key: K) => string): string {
  let made = known.get(key);
  if (made === undefined) known.set(key, (made = make(key)));
  return made;
}

function byKey(left: unknown[], right: unknown[]): number {
  return (left[0] as number) - (right[0] as number) || ((left[1] as string) < (right[1] as string) ? -1 : 1);
}

function screens(shelf: Shelf): string {
  const lists = ENTITIES.map(
    ({ name }) =>
      [
        name,
        `[${views(shelf, name)
          .map((one) => once(told, one, canonical))
          .join(",")}]`,
      ] as const,
  );
  const lines = views(shelf, "quote_line");
  const hash = (id: string): string => {
    const quote = views(shelf, "quote").find((one) => one.id === id)!;
    return contentHash(
      quote,
      lines.filter((one) => one.quote_id === id),
    );
  };
  const hashes = canonical(views(shelf, "quote").map(({ id }) => [id, hash(id)]));
  const names = [...lists, ["hashes", hashes] as const].sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${names.map(([name, list]) => `"${name}":${list}`).join(",")}}`;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

// edits

function editOf(told: Told): Edit {
  const { kind, entity, id, values, command, bases } = told;
  return {
    kind,
    entity: BY_NUMBER.get(entity)!,
    id,
    values,
    ...(command === null ? {} : { command: command as Values }),
    ...(bases === null ? {} : { bases }),
  };
}

function toldEdit(edit: Edit): unknown {
  const { kind, entity, id, values = {}, command, bases } = edit;
  const spoken = command === undefined ? "" : hex(encode(commandOut(entity, command)));
  return [kind, entity.number, id, hex(encode(bodyOut(entity, values))), spoken, bases ?? null];
}

function fault(error: unknown): unknown {
  if (error instanceof MisfitError) return { misfit: [error.name, error.slot, error.facts] };
  throw error;
}

// questions about no shelf

const SETS: Record<string, (...told: any[]) => unknown> = {
  changed: (stood: Tagged[], change: SetChange, tag: Tag) => changed(stood, change, tag),
  resolved: (before: Values, wanted: Values, tag: Tag) => resolved(before, wanted, tag),
  distinct: (stood: Tagged[]) => distinct(stood),
  removing: (stood: Tagged[], gone: string[]) => removing(stood, ...gone),
  inverse: (before: Tagged[], after: Tagged[]) => inverse(before, after),
  elements: (listed: Tagged[]) => elements(listed),
  renumbered: (change: SetChange, line: number, numbers: [number, Tag][]) => renumbered(change, line, new Map(numbers)),
};
const TEXTS: Record<string, (text: string) => unknown> = { cleanText, controlIn, plain, shown, typed };

const PURE: Record<string, (told: Told) => unknown> = {
  understand: ({ raw: bytes }) => {
    const intent = understand(raw(bytes));
    if (intent === null) return { intent: null };
    const { mutation, entity, groups, command } = intent;
    return { intent: canonical([mutation.kind, entity.number, mutation.id, Object.fromEntries(groups), command]) };
  },
  tidied: ({ edits }) => {
    try {
      return { edits: edits.map((one: Told) => toldEdit(tidied(editOf(one)))) };
    } catch (error) {
      return fault(error);
    }
  },
  fitted: ({ shapes, values }) => {
    try {
      return { values: fittedBy(new Map(shapes), values) };
    } catch (error) {
      return fault(error);
    }
  },
  undo: ({ events, user_id, now_ms }) => {
    const edits = (events as Event[]).map((one) => undoOf(one)).map((edit) => (edit === null ? null : toldEdit(edit)));
    return { edits, undoable: undoable(events, user_id, now_ms).map((one) => events.indexOf(one)) };
  },
  sets: ({ name, given }) => ({ value: canonical(SETS[name]!(...given)) }),
  text: ({ name, given }) => ({ value: TEXTS[name]!(given) }),
};

// questions about a shelf

const OF_SHELF: Record<string, (shelf: Shelf, told: Told) => Told> = {
  enter: (shelf, { edits, device_ms }) => ({ numbers: enter(shelf, edits.map(editOf), device_ms) }),
  apply: (shelf, { answer }) => ({ applied: apply(shelf, readAnswer(raw(answer))) }),
  tiles: (shelf, { tiles }) => keepTiles(shelf, tiles) ?? {},
  line: (shelf, { org_id, user_id, line_no }) => takeNewLine(shelf, org_id, user_id, line_no) ?? {},
  take_back: (shelf, { sent_n }) => {
    const would = newest(shelf, sent_n).map((one) => one.n);
    return { newest: would, taken: takeBack(shelf, sent_n).map((one) => one.n) };
  },
  seen: () => ({}),
};
const OF_SHELF_ALONE: Record<string, (shelf: Shelf, told: Told) => Told> = {
  request: (shelf, { device_ms, app, page_bytes }) => ({ bytes: hex(requestBytes(request(shelf, device_ms, app, page_bytes))) }),
  due: (shelf) => ({ edits: due(shelf).map(toldEdit) }),
  mine: (shelf, { ids }) => {
    const items = inbox(shelf);
    const of = (id: string): unknown =>
      useMine(
        shelf,
        items.find((one) => one.id === id)!,
      ).map((group) => group.map(toldEdit));
    return { edits: ids.map(of), inbox: items.map((one) => one.id) };
  },
  decide: (shelf, { command }) => ({ edits: decideEach(inbox(shelf), command as Command).map((group) => group.map(toldEdit)) }),
  dump: (shelf) => ({ text: canonical(dump(shelf)) }),
  screens: (shelf) => ({ text: screens(shelf) }),
};

function answer(told: Told): unknown {
  const { op, id } = told;
  if (op in PURE) return PURE[op]!(told);
  if (op === "load") return shelves.set(id, load(told["state"])) && {};
  if (op === "forget") return shelves.delete(id) && {};
  if (told["copied"]) shelves.set((told["id"] = told["copied"]), copied(shelves.get(id)!));
  const shelf = shelves.get(told["id"])!;
  if (op in OF_SHELF_ALONE) return OF_SHELF_ALONE[op]!(shelf, told);
  const ask = OF_SHELF[op];
  if (ask === undefined) throw new Error(`no such question: ${op}`);
  const reply = ask(shelf, told);
  return { ...reply, state: hex(sha(canonical(dump(shelf)))), screens: hex(sha(screens(shelf))) };
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply: unknown;
  try {
    reply = answer(JSON.parse(line));
  } catch (error) {
    reply = { error: String((error as Error).stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
