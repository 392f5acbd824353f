/** The phone listens: a long request for a hint, a sync on each, and patience when the line breaks. A lost hint only delays (P-801). */

import type { Phone, SyncReport } from "./phone.ts";
import { Problem, UnreachableError } from "./problem.ts";

/** Of one request for a hint; entries made beside it are sent at its end at the latest. */
export const WAIT_S = 25;
export const BACKOFF_S_MAX = 60;

/** The listener's calls, and how it ends. */
export interface Told {
  /** Something moved. */
  readonly synced?: (report: SyncReport) => void;
  /** The line broke: before the phone waits and tries again. */
  readonly broke?: (reason: Error, waitMs: number) => void;
  /** Ends the listening. */
  readonly signal?: AbortSignal;
}

/** Syncs on each hint until `told.signal`. Throws Problem when the session ended: data and queue stay as after any sync. */
export async function listen(phone: Phone, told: Told): Promise<void> {
  let mark = "";
  for (let losses = 0; !told.signal?.aborted;) {
    try {
      mark = await hear(phone, mark, told);
      losses = 0;
    } catch (error) {
      if (told.signal?.aborted) return;
      if (!passes(error)) throw error;
      losses += 1;
      const waitMs = Math.min(BACKOFF_S_MAX, 2 ** losses) * (500 + Math.floor(Math.random() * 500));
      told.broke?.(error, waitMs);
      await Promise.race([phone.wait(waitMs), aborted(told.signal)]);
    }
  }
}

/** A broken line and a busy server pass; any other refusal ends the listening. */
function passes(error: unknown): error is Error {
  return error instanceof UnreachableError || (error instanceof Problem && (error.code === "busy" || error.code === "server_error"));
}

/** One hint, and the sync that it asks for. The mark to ask with next: the one from before the sync, so that nothing falls between. */
async function hear(phone: Phone, mark: string, told: Told): Promise<string> {
  const hint = await phone.wake(mark, phone.waiting() > 0 ? 0 : WAIT_S, told.signal);
  if (hint.wake || phone.waiting() > 0) {
    const { cursor } = phone.seat;
    const report = await phone.sync();
    if (report.answered.length > 0 || phone.seat.cursor !== cursor) told.synced?.(report);
  }
  return hint.mark;
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
}
