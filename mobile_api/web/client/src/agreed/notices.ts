/** Notices on a screen: how far one came, how many are new, and where each stands in the list (D-930). */

import { NotificationState, type Id } from "../generated/schema.ts";

/** Receipt → the state to which a notice rises by it. */
export const RISES: Readonly<Record<string, number>> = {
  deliver: NotificationState.delivered,
  see: NotificationState.seen,
  open: NotificationState.opened,
  finish: NotificationState.done,
};

/** A notice as a list needs it. `day`: since 1970, where its reader is; `group`: of its kind; `state`: as the screen shows it. */
export interface Listed {
  readonly id: Id;
  readonly made_ms: number;
  readonly day: number;
  readonly group: string;
  readonly state: number;
}

/** Notices of one day and one group, the newest first. `unread`: how many of them are new. */
export interface Section {
  readonly day: number;
  readonly group: string;
  readonly unread: number;
  readonly ids: readonly Id[];
}

/** How far a notice came: what the server says, or the highest receipt that waits on this device. It only rises (D-902). */
export function stateShown(stored: number, receipts: readonly string[]): number {
  return Math.max(stored, ...receipts.map((receipt) => (Object.hasOwn(RISES, receipt) ? RISES[receipt]! : 0)));
}

/** Whether its reader has not seen it yet, on any device. */
export const isUnread = (state: number): boolean => state < NotificationState.seen;

/** The list: days from the newest, in a day what holds something new first, then by its newest notice. */
export function sections(listed: readonly Listed[]): Section[] {
  const parts = new Map<string, Listed[]>();
  for (const one of [...listed].sort((left, right) => right.made_ms - left.made_ms || (left.id < right.id ? -1 : 1))) {
    const key = `${one.day} ${one.group}`;
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [one]);
    else part.push(one);
  }
  const found = [...parts.values()].map((part) => {
    const { day, group } = part[0]!;
    return { day, group, unread: part.filter(({ state }) => isUnread(state)).length, ids: part.map(({ id }) => id) };
  });
  // stable: the newest part first
  return found.sort((left, right) => right.day - left.day || Number(left.unread === 0) - Number(right.unread === 0));
}
