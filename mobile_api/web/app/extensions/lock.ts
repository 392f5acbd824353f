/** A lock in the customer's timeline: until when, why, and when and by whom it ended (D-178, D-179). */

import { CustomerLockState, localDay, type CustomerLock } from "../../client/src/index.ts";
import { dateWord, moment } from "../../shell/format.ts";
import { zone } from "../../shell/reclaim.ts";
import { personName } from "../../shell/words.ts";
import { say } from "./texts.ts";

const ENDS = {
  [CustomerLockState.replaced]: "lock_replaced",
  [CustomerLockState.changed_hands]: "lock_changed_hands",
} as const;

/** Its end; empty: it lasts. */
function endWords({ state, until_ms, ended_ms, ended_by_id, end_reason }: CustomerLock): string {
  if (ended_ms === null) return until_ms <= Date.now() ? say("lock_over") : "";
  const word = say(ENDS[state as keyof typeof ENDS] ?? "lock_taken_off", { when: moment(ended_ms) });
  return [word, personName(ended_by_id), end_reason].filter(Boolean).join(", ");
}

export function lockWords(lock: CustomerLock): string {
  const until = say("lock_until", { day: dateWord(localDay(lock.until_ms, zone())) });
  return [until, lock.reason, endWords(lock)].filter(Boolean).join(" · ");
}
