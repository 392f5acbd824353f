/** The board of instructions: what this desk holds and what the server told, one line for each recipient, the most pressing first. */

import { command, InstructionState, type Commands, type Id, type Instruction } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { drawn, isOver, isUrgent, pressing, type Pressing } from "../../shell/instructed.ts";
import { all, one, signedIn } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { isAdmin, managerAbove } from "../../shell/team.ts";
import { say } from "./texts.ts";

/** How far the recipients of one request have come. */
export interface Counts {
  readonly of: number;
  readonly read: number;
  readonly done: number;
}

export interface Line {
  readonly told: Instruction;
  readonly pressing: Pressing | null;
  readonly counts: Counts;
}

const RANKS: Readonly<Record<Pressing, number>> = { overdue: 3, unanswered: 2, unread: 1 };
const isDone = ({ state }: Instruction): boolean => state === InstructionState.done || state === InstructionState.confirmed;
const LEFT: ReadonlySet<number> = new Set([InstructionState.cancelled, InstructionState.moved]);

/** Whether this person decides about it: the author, or whoever stands in for an author who has left (D-813). */
export function isMine({ author_id: author, rep_id: rep }: Instruction): boolean {
  if (one("person", author)?.active !== false) return author === signedIn.value?.user_id;
  const above = managerAbove(rep);
  return above === null ? isAdmin() : above.id === signedIn.value?.user_id;
}

/** Whether this person has something to decide. */
export const waitsForMe = (told: Instruction): boolean =>
  isMine(told) && (told.state === InstructionState.done || told.state === InstructionState.declined);

const batchOf = ({ id, batch_id }: Instruction): Id => batch_id ?? id;

/** Both what this desk holds and what the server told: of each the newer one, with the own decisions drawn over it. */
function known(heard: readonly Instruction[]): readonly Instruction[] {
  const found = new Map<Id, Instruction>();
  for (const each of [...all("instruction"), ...heard]) if (each.rev >= (found.get(each.id)?.rev ?? 0)) found.set(each.id, each);
  return [...found.values()].map(drawn);
}

function presses(told: Instruction): number {
  const why = pressing(told);
  if (why !== null) return 10 * RANKS[why] + told.escalated / 64 + (isUrgent(told) ? 5 : 0);
  return waitsForMe(told) ? 2 : isOver(told) ? 0 : 1;
}

function counted(batch: readonly Instruction[]): Counts {
  const standing = batch.filter(({ state }) => !LEFT.has(state));
  const read = standing.filter(({ state }) => state >= InstructionState.read);
  return { of: standing.length, read: read.length, done: standing.filter(isDone).length };
}

/** Overdue and escalated ones first, then those that wait for the author, then by their deadline; what is over comes last. */
export function board(heard: readonly Instruction[]): readonly Line[] {
  const told = known(heard);
  const batches = new Map<Id, Instruction[]>();
  for (const one of told) batches.set(batchOf(one), [...(batches.get(batchOf(one)) ?? []), one]);
  return [...told]
    .sort(
      (left, right) =>
        presses(right) - presses(left) || (left.due_ms ?? Infinity) - (right.due_ms ?? Infinity) || right.sent_ms - left.sent_ms || 0,
    )
    .map((one) => ({ told: one, pressing: pressing(one), counts: counted(batches.get(batchOf(one))!) }));
}

/** All that the request of one of them gave, as far as it is known here. */
export const batch = (lines: readonly Line[], told: Instruction): readonly Instruction[] =>
  lines.map((line) => line.told).filter((one) => batchOf(one) === batchOf(told));

export interface Filters {
  readonly rep: string;
  /** A number of a state, or `pressing`, `to_decide`, `open`. */
  readonly state: string;
}

export function fitting(lines: readonly Line[], { rep, state }: Filters): readonly Line[] {
  return lines.filter(
    ({ told, pressing: why }) =>
      (rep === "" || told.rep_id === rep) &&
      (state === "" ||
        String(told.state) === state ||
        (state === "pressing" && why !== null) ||
        (state === "to_decide" && waitsForMe(told)) ||
        (state === "open" && !isOver(told))),
  );
}

type Decision = Extract<Commands["instruction"], { command: "confirm" | "return" | "cancel" }>;

/** The decision of the author about the round on the screen; without a network it waits as every entry does (D-809). */
export function decide({ id, round }: Instruction, told: Decision): Promise<Told | null> {
  return enter([command("instruction", id, { ...told, round })], { text: say("decided") });
}

export const isPressingWord = { overdue: "is_overdue", unanswered: "is_unanswered", unread: "is_unread" } as const;
