/** By when something is to be done: a day and, if it matters, a time of it. */

import type { JSX } from "preact";
import { DayField, TimeField, type Written } from "../../shell/form.tsx";
import type { Told } from "../../shell/problems.ts";
import { say } from "./texts.ts";

const DAY_MS = 86_400_000;

export function DueFields({ word }: { readonly word: "due_day" | "new_due" }): JSX.Element {
  return (
    <>
      <div class="pair">
        <DayField label={say(word)} name="due" day={null} />
        <TimeField label={say("due_time")} name="due_time" minute={null} />
      </div>
      <p class="hint">{say("due_hint")}</p>
    </>
  );
}

/** The moment by this device's calendar, the last one of the day without a time; null: never; a reason when it cannot be. */
export function dueIn(written: Written): number | null | Told {
  const [day, minute] = [written.day("due"), written.minute("due_time")];
  if (day === null) return minute === null ? null : { happened: say("dayless"), means: say("not_given"), next: say("dayless_next") };
  const date = new Date(day * DAY_MS);
  const clock = minute === null ? ([23, 59, 59] as const) : ([Math.floor(minute / 60), minute % 60, 0] as const);
  const dueMs = new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), ...clock).getTime();
  return dueMs > Date.now() ? dueMs : { happened: say("past"), means: say("not_given"), next: say("past_next") };
}
