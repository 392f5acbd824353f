/** Instructions to this person, the most pressing first, with the answers that wait; and by which visits one may be done. */

import {
  command,
  factsWithAmendments,
  InstructionState,
  Requires,
  Verdict,
  type Commands,
  type Instruction,
  type Visit,
} from "../../client/src/index.ts";
import { enter, touched } from "../../shell/entering.ts";
import { drawn, isOver, isOverdue, isUrgent } from "../../shell/instructed.ts";
import { all, one, phone, remembered } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { say } from "./texts.ts";

const VISITS_MAX = 8;
export const OVER_SHOWN_MAX = 50;

const presses = (one: Instruction): number => (isOverdue(one) ? 2 : 0) + (isUrgent(one) ? 1 : 0);

export const given = remembered((): readonly Instruction[] => {
  const mine = all("instruction").filter(({ rep_id }) => rep_id === phone.seat.user_id);
  return mine
    .map(drawn)
    .sort(
      (left, right) =>
        presses(right) - presses(left) || (left.due_ms ?? Infinity) - (right.due_ms ?? Infinity) || right.sent_ms - left.sent_ms || 0,
    );
});

export const open = (): readonly Instruction[] => given().filter((one) => !isOver(one));
export const fresh = (): readonly Instruction[] => open().filter(({ state }) => state < InstructionState.acknowledged);
/** The newest first. */
export const over = (): readonly Instruction[] =>
  given()
    .filter(isOver)
    .sort((left, right) => right.changed_ms - left.changed_ms)
    .slice(0, OVER_SHOWN_MAX);

/** One to this person, as it will be; null when it is not on this phone. */
export function mine(id: string): Instruction | null {
  const found = one("instruction", id);
  return found === null || found.rep_id !== phone.seat.user_id ? null : drawn(found);
}

const startOfToday = (): number => new Date().setHours(0, 0, 0, 0);

/**
 * Own visits by which it may have been done: today's, and those since it was given; to its customer, if it names one; the newest first.
 * Where a visit is required, not those of which the server has said already that the rep was not seen there (D-804).
 */
export function visitsFor({ customer_id, requires, sent_ms }: Instruction): readonly Visit[] {
  const fromMs = Math.min(sent_ms, startOfToday());
  const fits = ({ first, shown }: { readonly first: Visit; readonly shown: Visit }): boolean =>
    (first.author_id === null || first.author_id === phone.seat.user_id) &&
    first.device_ms >= fromMs &&
    !shown.withdrawn &&
    (customer_id === null || first.customer_id === customer_id) &&
    (requires !== Requires.visit || first.verdict < Verdict.out_of_range);
  return factsWithAmendments(all("visit"))
    .filter(fits)
    .map(({ first }) => first)
    .sort((left, right) => right.device_ms - left.device_ms)
    .slice(0, VISITS_MAX);
}

type Answer = Commands["instruction"];

export type Touch = "acknowledge" | "start";

/** What comes next of the rep; null: nothing more. */
export function next({ state }: Instruction): Touch | "finish" | null {
  if (state >= InstructionState.declined) return null;
  return state < InstructionState.acknowledged ? "acknowledge" : state < InstructionState.started ? "start" : "finish";
}

/** A step that needs one touch and no more; it can be taken back while its word stands. */
export function step({ id, round }: Instruction, told: Touch): Promise<Told | null> {
  return touched([command("instruction", id, { command: told, round })], say(`${told}_done`));
}

/** One answer to the round that is on the screen; of a receipt nothing is said. */
export function answer({ id, round }: Instruction, told: Answer): Promise<Told | null> {
  return enter([command("instruction", id, { ...told, round })], told.command === "read" ? null : { text: say("answered") });
}
