/** The next steps with a customer: plan one, do it, move it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { patch, remove, type FollowUp } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { Form, today, type Written } from "../../shell/form.tsx";
import { dayWord } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import type { Told } from "../../shell/problems.ts";
import { useSeen } from "../../shell/seen.ts";
import { openFollowUps } from "../customers/look.ts";
import { noDay, planEdit, planned, PlanFields } from "./plan.tsx";
import { say } from "./texts.ts";

const what = (plan: FollowUp): string => plan.purpose || say("contact");

/** Marks a plan as done, with a way back. */
export function finish(plan: FollowUp): void {
  const undo = { text: say("open_again"), act: () => void enter([patch("follow_up", plan.id, { done: false })], null) };
  void enter([patch("follow_up", plan.id, { done: true })], { text: say("is_done"), undo });
}

function PlanSheet({ customer, onClose }: OfCustomer & { readonly onClose: () => void }): JSX.Element {
  const save = (written: Written): Promise<Told | null> | Told => {
    const plan = planned(written);
    if (plan === null || plan === "dayless") return noDay();
    return enter([planEdit(customer.id, plan)], { text: say("planned", { when: dayWord(plan.due_day) }) });
  };
  return (
    <Sheet title={say("plan")} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <PlanFields />
      </Form>
    </Sheet>
  );
}

function MoveSheet({ plan, onClose }: { readonly plan: FollowUp; readonly onClose: () => void }): JSX.Element {
  const seen = useSeen("follow_up", plan.id);
  const save = (written: Written): Promise<Told | null> | Told => {
    const moved = planned(written);
    if (moved === null || moved === "dayless") return noDay();
    return enter([patch("follow_up", plan.id, { ...moved }, seen)], { text: say("is_moved", { when: dayWord(moved.due_day) }) });
  };
  const drop = (): void => {
    void enter([remove("follow_up", plan.id, seen)], { text: say("is_gone") });
    onClose();
  };
  return (
    <Sheet title={say("moving")} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <PlanFields day={plan.due_day} purpose={plan.purpose} />
      </Form>
      <button class="bare hot wide" onClick={drop}>
        <Icon name="bin" />
        {say("remove")}
      </button>
    </Sheet>
  );
}

function Step({ plan }: { readonly plan: FollowUp }): JSX.Element {
  const [moving, setMoving] = useState(false);
  const late = plan.due_day < today();
  return (
    <li class="step">
      <button class="tick" aria-label={say("done", { what: what(plan) })} onClick={() => finish(plan)}>
        <Icon name="check" />
      </button>
      <button aria-haspopup="dialog" class="row" onClick={() => setMoving(true)}>
        <span class="grow">
          <b>
            <span class="unseen">{say("change", { what: "" })}</span>
            {what(plan)}
          </b>
          <small>{dayWord(plan.due_day)}</small>
        </span>
        {late ? <span class="chip hot">{say("overdue")}</span> : <Icon name="calendar" />}
      </button>
      {moving && <MoveSheet plan={plan} onClose={() => setMoving(false)} />}
    </li>
  );
}

export function Steps({ customer }: OfCustomer): JSX.Element {
  const [planning, setPlanning] = useState(false);
  const open = openFollowUps().filter((plan) => plan.customer_id === customer.id);
  return (
    <section>
      <h2 class="headed">
        <span class="grow">{say("next_steps")}</span>
        <button aria-haspopup="dialog" class="bare" aria-label={say("plan")} onClick={() => setPlanning(true)}>
          <Icon name="plus" />
          {say("plan_short")}
        </button>
      </h2>
      <ul class="card list">
        {open.map((plan) => (
          <Step key={plan.id} plan={plan} />
        ))}
        {open.length === 0 && <li class="nothing">{say("nothing")}</li>}
      </ul>
      {planning && <PlanSheet customer={customer} onClose={() => setPlanning(false)} />}
    </section>
  );
}
