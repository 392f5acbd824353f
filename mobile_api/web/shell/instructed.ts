/** How an instruction stands for whoever looks at it: as the server says, with the own answers and decisions that wait drawn over it. */

import { InstructionState, Priority, type Commands, type Instruction, type Step } from "../client/src/index.ts";
import { isQuiet, own } from "../client/src/sync/overlay.ts";
import { keyOf } from "../client/src/sync/shelf.ts";
import { phone, remembered } from "./phone.ts";
import { entityNumber, valueWords } from "./words.ts";

type Told = Commands["instruction"];

const STEPS: Readonly<Record<string, InstructionState>> = {
  deliver: InstructionState.delivered,
  read: InstructionState.read,
  acknowledge: InstructionState.acknowledged,
  start: InstructionState.started,
  decline: InstructionState.declined,
  finish: InstructionState.done,
};
/** Bits of `escalated`, the most pressing first (D-812). */
const ESCALATED = [
  [48, "overdue"],
  [12, "unanswered"],
  [3, "unread"],
] as const;

export type Pressing = (typeof ESCALATED)[number][1];

/** The instruction as the screen shows it. A step that waits bears `heard_ms` 0: the server has not heard of it. */
export const drawn = remembered((instruction: Instruction): Instruction => {
  let shown = instruction;
  for (const [, { command, mutation }] of entries(instruction.id))
    if (command !== null) shown = after(shown, command as unknown as Told, mutation.device_ms);
  return shown;
});

const entries = (id: string): ReturnType<typeof own> => own(phone.shelf, keyOf(entityNumber("instruction"), id));

/** Whether an answer or a decision waits; receipts wait unseen. */
export const waits = ({ id }: Instruction): boolean => entries(id).some(([{ outcome, raw }]) => outcome === null && !isQuiet(raw));

/** As the server will decide (D-802, D-809): within a round the state only rises, and what belongs to another round says nothing. */
function after(known: Instruction, told: Told, ms: number): Instruction {
  if (told.round !== 0 && told.round !== undefined && told.round !== known.round) return known;
  const step = STEPS[told.command];
  if (step !== undefined) return answered(known, told, step, ms);
  const { state } = known;
  if (told.command === "confirm" && state === InstructionState.done) return reached(known, InstructionState.confirmed, ms);
  if (told.command === "cancel" && state < InstructionState.done)
    return { ...reached(known, InstructionState.cancelled, ms), reason: told.reason ?? "" };
  if (told.command === "return" && (state === InstructionState.done || state === InstructionState.declined)) return again(known, told, ms);
  return known;
}

function answered(known: Instruction, told: Told, step: InstructionState, ms: number): Instruction {
  if (step <= known.state) return known;
  const risen = reached(known, step, ms);
  if (told.command === "decline") return { ...risen, reason: told.reason };
  if (told.command === "finish") return { ...risen, reason: "", visit_id: told.visit_id ?? null, reply: told.reply ?? "" };
  return risen;
}

function again(known: Instruction, { reason, due_ms: due }: Extract<Told, { command: "return" }>, ms: number): Instruction {
  const began: Step = { state: InstructionState.sent, occurred_ms: ms, heard_ms: 0 };
  const opened = { state: InstructionState.sent, round: known.round + 1, steps: [began], escalated: 0, visit_id: null, reply: "" };
  return { ...known, ...opened, reason, due_ms: due ?? known.due_ms };
}

function reached(known: Instruction, state: InstructionState, ms: number): Instruction {
  return { ...known, state, steps: [...stepsOf(known), { state, occurred_ms: ms, heard_ms: 0 }] };
}

/** The steps of this round; those of an instruction that is older than steps begin when it was sent. */
export const stepsOf = ({ steps, sent_ms: ms }: Instruction): readonly Step[] =>
  steps.length > 0 ? steps : [{ state: InstructionState.sent, occurred_ms: ms, heard_ms: ms }];

/** Since when it stands where it stands, by the clock of whoever brought it there. */
export const sinceMs = (instruction: Instruction): number => stepsOf(instruction).at(-1)!.occurred_ms;

/** Nothing more is wanted of the rep, unless it comes back. */
export const isOver = ({ state }: Instruction): boolean => state >= InstructionState.declined;

export const isUrgent = ({ priority }: Instruction): boolean => priority === Priority.urgent;

export const isOverdue = (instruction: Instruction): boolean =>
  instruction.due_ms !== null && instruction.due_ms < Date.now() && !isOver(instruction);

/** Why it presses: what was told to its author, or what this device knows; null: it does not. */
export function pressing(instruction: Instruction): Pressing | null {
  if (isOver(instruction)) return null;
  const told = ESCALATED.find(([bits]) => (instruction.escalated & bits) !== 0);
  return isOverdue(instruction) ? "overdue" : (told?.[1] ?? null);
}

export const stateWord = ({ state }: Pick<Instruction, "state">): string => valueWords(entityNumber("instruction"), "state", state);
