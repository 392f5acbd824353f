/** How the screens look at this person's notices: in words, with where each leads and how far it came. */

import { NOTICE_KINDS, NOTICES_EN, NOTICES_ZH } from "../../client/src/generated/notices.ts";
import {
  isUnread,
  message,
  NotificationState,
  sections,
  stateShown,
  type EntityName,
  type Message,
  type Notification,
  type Section,
} from "../../client/src/index.ts";
import { BY_NUMBER, ENTITIES } from "../../client/src/sync/entity.ts";
import { own } from "../../client/src/sync/overlay.ts";
import { keyOf } from "../../client/src/sync/shelf.ts";
import type { Kind } from "../feature.ts";
import { dayOf } from "../format.ts";
import type { IconName } from "../icons.tsx";
import { language, texts } from "../language.ts";
import { all, one, phone, records, remembered, signedIn } from "../phone.ts";
import { features } from "../registry.ts";
import { customerOf, entityNumber, word, type Anything } from "../words.ts";
import { say, type NoticeText } from "./texts.ts";

/** Title, body and line for a locked screen, with tabs between them. */
const sayings = texts({ zh: NOTICES_ZH, en: NOTICES_EN });

/** A notice as it stands on the screen. */
export interface Notice {
  readonly id: string;
  readonly record: Notification;
  readonly state: number;
  /** The state without what the reader can still undo. */
  readonly entered: number;
  readonly words: Message;
  readonly group: string;
}

/** Notices with which the reader has done so lately that it can be undone. */
export const closing = new Set<string>();

export function close(id: string, is: boolean): void {
  if (is) closing.add(id);
  else closing.delete(id);
  records.value += 1; // the list is looked at anew
}

const stateOf = (record: Notification): number => {
  const entered = own(phone.shelf, keyOf(entityNumber("notification"), record.id));
  return stateShown(
    record.state,
    entered.map(([, { command: told }]) => String(told?.["command"] ?? "")),
  );
};

/** The person's own, by id. */
export const notices = remembered((): ReadonlyMap<string, Notice> => {
  const user = signedIn.value?.user_id;
  const found = all("notification").filter(({ user_id }) => user_id === user);
  return new Map(
    found.map((record) => {
      const { id } = record;
      const entered = stateOf(record);
      const state = closing.has(id) ? Math.max(entered, NotificationState.done) : entered;
      return [id, { id, record, state, entered, words: wordsOf(record), group: groupOf(record.kind) }];
    }),
  );
});

export const unreadCount = remembered((): number => [...notices().values()].filter(({ state }) => isUnread(state)).length);

const isDone = ({ state }: Notice): boolean => state >= NotificationState.done;

/** What is not done yet, by day and group. */
export const openSections = remembered((): readonly Section[] =>
  sections(
    [...notices().values()]
      .filter((notice) => !isDone(notice))
      .map(({ id, record, state, group }) => ({ id, made_ms: record.made_ms, day: dayOf(record.made_ms), group, state })),
  ),
);

/** What is done, here or by what happened, the newest first. */
export const doneNotices = remembered((): readonly Notice[] =>
  [...notices().values()].filter(isDone).sort((left, right) => right.record.made_ms - left.record.made_ms),
);

const groupOf = (kind: string): string => (Object.hasOwn(NOTICE_KINDS, kind) ? NOTICE_KINDS[kind]! : "");

export const groupWord = (group: string): string => say(`group_${group}` as NoticeText);

/** Title and body; a plain sentence for a kind that is newer than this app, the line of a locked screen where a fact is missing. */
function wordsOf({ kind, facts }: Notification): Message {
  const said = sayings(kind);
  if (said === undefined) return { title: say("unknown_title"), body: say("unknown") };
  const [title, body, line] = said.split("\t") as [string, string, string];
  try {
    return message({ title, body }, factsOf(facts as Readonly<Record<string, string>>));
  } catch {
    return { title: line, body: "" };
  }
}

/** A record without a name of its own is told by its kind, which is a name of the protocol, within a sentence. */
function factsOf(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { record } = facts;
  if (record === undefined || !ENTITIES.some(({ name }) => name === record)) return facts;
  const kind = word(record);
  return { ...facts, record: language.value === "en" ? `the ${kind.replace(/^The /, "")}` : kind };
}

const kindOf = (name: EntityName): Kind<never> | undefined => features().kinds[name] as Kind<never> | undefined;

export const iconOf = ({ record }: Notice): IconName => {
  const name = BY_NUMBER.get(record.subject_entity)?.name;
  return (
    (name === undefined || name === "standing" ? undefined : kindOf(name)?.icon) ?? (record.subject_id === null ? "bell" : "customers")
  );
};

/** The address of what a notice is about; null where it is about nothing, or nothing that this app can show. */
export function placeOf({ record }: Notice): string | null {
  const { subject_id: id } = record;
  const name = BY_NUMBER.get(record.subject_entity)?.name;
  if (id === null || name === undefined) return null;
  const subject = one(name, id) as Anything | null;
  const kind = kindOf(name);
  const place = subject === null ? (kind?.asked?.(id) ?? null) : (kind?.to?.(subject as never) ?? customerPlace(name, subject));
  return place !== null && features().screens.has(place.split("/")[0]!) ? place : null;
}

function customerPlace(name: EntityName, subject: Anything): string | null {
  const customer = customerOf(name, subject);
  return customer === null || one("customer", customer) === null ? null : `customers/${customer}`;
}
