/** The rounds of one sync: request, answer, apply, until everything is answered and here. */

import { PAGE_BYTES } from "../generated/schema.ts";
import { apply, enter, request } from "../sync/device.ts";
import { due } from "../sync/receipts.ts";
import type { Seat } from "../sync/shelf.ts";
import type { Outcome, SyncAnswer, SyncRequest } from "../wire/envelopes.ts";
import { sameBytes } from "../wire/ids.ts";
import type { PhoneFile, PutNote } from "./file.ts";
import { afterAnswer, afterLoss } from "./pace.ts";
import { UnreachableError } from "./problem.ts";
import { numberIn, numberOut, SENT, type Session } from "./session.ts";

/** Rounds in which nothing moves before a sync gives up and says so. */
const IDLE_ROUNDS_MAX = 5;
const FORKS_MAX = 3;
/** Note of the bytes of rows to ask for next: as many as the network bore last. */
const PACE = "pace";

/** Positions reached and heads, summed over the scopes held. */
export type Progress = (position: number, head: number) => void;

/** The result of one mutation. `again`: this phone had sent it before, and got no answer. `raw`: the mutation, as it was sent. */
export interface Answered {
  readonly lineNo: number;
  readonly outcome: Outcome;
  readonly again: boolean;
  readonly raw: Uint8Array;
}

/** The result of one sync. `complete`: every entry is answered, and every row that the server had is here. */
export interface SyncReport {
  rounds: number;
  answered: Answered[];
  forks: number;
  complete: boolean;
  problem: string | null;
  beyond: SyncAnswer["beyond"];
}

export interface Asking {
  readonly app: string;
  readonly clock: () => number;
  readonly progress: Progress;
  /** Filled as the sync goes on. */
  readonly report: SyncReport;
}

export function emptyReport(): SyncReport {
  return { rounds: 0, answered: [], forks: 0, complete: false, problem: null, beyond: null };
}

export async function rounds(file: PhoneFile, session: Session, asking: Asking): Promise<void> {
  const { report } = asking;
  for (let idle = 0; idle < IDLE_ROUNDS_MAX && report.forks < FORKS_MAX;) {
    await session.followLine();
    if (file.shelf.seat.forked) {
      // before anything else: a fork whose answer was lost is asked for again (P-013)
      await session.fork();
      report.forks += 1;
    }
    const before = file.shelf.seat;
    const answer = await round(file, session, asking);
    const after = file.shelf.seat;
    report.problem = answer.problem;
    report.beyond = answer.beyond;
    asking.progress(...reached(file));
    const whole = answer.consistent && !answer.more;
    if ((whole || answer.problem !== null) && !after.forked && !hasToSay(file)) {
      report.complete = whole;
      return;
    }
    idle = moved(before, after) ? 0 : idle + 1;
  }
}

async function round(file: PhoneFile, session: Session, { app, clock, report }: Asking): Promise<SyncAnswer> {
  const { transport } = session;
  const paced = numberIn(file.note(PACE), PAGE_BYTES);
  const { asked, lineNo, sentBefore } = await file.change((put) => {
    for (const receipt of due(file.shelf)) enter(file.shelf, [receipt], clock());
    const asked = request(file.shelf, clock(), app, paced);
    return { asked, lineNo: file.shelf.seat.line_no, sentBefore: markSent(file, asked, put) };
  });
  const [beganMs, waitedMs] = [clock(), transport.waitedMs];
  let answer: SyncAnswer;
  try {
    answer = await transport.sync(asked, lineNo);
  } catch (error) {
    if (error instanceof UnreachableError) await file.change((put) => keepPace(put, paced, afterLoss(paced)), false);
    throw error;
  }
  const tookMs = clock() - beganMs - (transport.waitedMs - waitedMs);
  await file.change((put) => {
    keepPace(put, paced, afterAnswer(paced, tookMs));
    const unanswered = new Map(waiting(file).map((one) => [one.n, one.raw]));
    if (!apply(file.shelf, answer)) return;
    for (const outcome of answer.outcomes) {
      const raw = unanswered.get(outcome.n);
      if (raw !== undefined) report.answered.push({ lineNo, outcome, again: outcome.n <= sentBefore, raw });
    }
  });
  report.rounds += 1;
  return answer;
}

/** Notes the last number sent; the one noted before. */
function markSent(file: PhoneFile, asked: SyncRequest, put: PutNote): number {
  const before = numberIn(file.note(SENT), 0);
  const last = Math.max(
    before,
    ...waiting(file)
      .slice(0, asked.mutations.length)
      .map((one) => one.n),
  );
  if (last !== before) put(SENT, numberOut(last));
  return before;
}

function keepPace(put: PutNote, before: number, now: number): void {
  if (now !== before) put(PACE, numberOut(now));
}

/** Whether another request has something to carry: an entry, or a receipt that is not entered yet (P-630). */
function hasToSay(file: PhoneFile): boolean {
  return waiting(file).length > 0 || due(file.shelf).length > 0;
}

function waiting(file: PhoneFile): ReturnType<PhoneFile["shelf"]["pendings"]> {
  return file.shelf.pendings().filter((one) => one.outcome === null);
}

/** (positions, heads) summed over the scopes held. */
export function reached(file: PhoneFile): [position: number, head: number] {
  const scopes = [...file.shelf.scopes.values()];
  return [scopes.reduce((sum, one) => sum + one.position, 0), scopes.reduce((sum, one) => sum + one.head, 0)];
}

function moved(before: Seat, after: Seat): boolean {
  return !sameBytes(before.cursor, after.cursor) || before.acked_n !== after.acked_n || before.forked !== after.forked;
}
