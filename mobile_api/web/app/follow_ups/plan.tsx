/** When the next contact is due, and why: the fields of every form that plans one, and what was chosen in them. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { create, type Edit, type Id } from "../../client/src/index.ts";
import { ChoiceField, DayField, TextField, today, type Written } from "../../shell/form.tsx";
import { all } from "../../shell/phone.ts";
import { say } from "./texts.ts";

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
type Choice = "none" | "tomorrow" | "week" | "month" | "other";

interface Given {
  /** The day planned so far; null in a new plan. */
  readonly day?: number | null;
  readonly purpose?: string;
  /** The customer with whom a contact is told: it completes what is due, and a new plan may be left out. */
  readonly after?: Id;
}

export function PlanFields({ day = null, purpose = "", after }: Given): JSX.Element {
  const [chosen, choose] = useState<Choice>(day !== null ? "other" : after !== undefined ? "none" : "tomorrow");
  const offered = (["none", "tomorrow", "week", "month", "other"] as const).filter((one) => after !== undefined || one !== "none");
  const heard = (event: Event): void => {
    const { name, value } = event.target as HTMLInputElement;
    if (name === "plan") choose(value as Choice);
  };
  return (
    <div onChange={heard}>
      <ChoiceField label={say("when")} name="plan" value={chosen} choices={offered.map((one) => [one, say(one)] as const)} />
      {chosen === "other" && <DayField label={say("day")} name="plan_day" day={day} />}
      {chosen !== "none" && <TextField label={say("purpose")} name="plan_purpose" value={purpose} />}
      {after !== undefined && <Completed customer={after} />}
    </div>
  );
}

/** What the server will take as done by this contact (D-924), so that nobody wonders where it went. */
function Completed({ customer }: { readonly customer: Id }): JSX.Element | null {
  const due = all("follow_up").filter((one) => one.customer_id === customer && !one.done && one.due_day <= today());
  due.sort((left, right) => left.due_day - right.due_day);
  if (due.length === 0 || all("organisation")[0]?.follow_up_by_visit === false) return null;
  return <p class="lead">{say("completes", { what: due.map(({ purpose }) => purpose || say("contact")).join(" · ") })}</p>;
}

export interface Plan {
  readonly due_day: number;
  readonly purpose: string;
}

/** The plan that is written in these fields; null when there is none, and "dayless" when its day is missing. */
export function planned(written: Written): Plan | null | "dayless" {
  const due_day = dayOfChoice(written.text("plan") as Choice, written);
  if (due_day === null) return written.text("plan") === "other" ? "dayless" : null;
  return { due_day, purpose: written.text("plan_purpose") };
}

function dayOfChoice(choice: Choice, written: Written): number | null {
  if (choice === "tomorrow") return today() + 1;
  if (choice === "week") return today() + WEEK_DAYS;
  if (choice === "month") return inAMonth(today());
  return choice === "other" ? written.day("plan_day") : null;
}

/** The same day of the next month, or its last one. */
function inAMonth(day: number): number {
  const date = new Date(day * DAY_MS);
  const last = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 2, 0);
  return Math.min(last, Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())) / DAY_MS;
}

export const noDay = (): { happened: string; means: string; next: string } => ({
  happened: say("no_day"),
  means: say("no_day_means"),
  next: say("no_day_next"),
});

export function planEdit(customer_id: Id, plan: Plan): Edit {
  return create("follow_up", { customer_id, ...plan });
}
