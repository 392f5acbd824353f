/** Instructions: what managers want of the rep, the most pressing first. */

import type { JSX } from "preact";
import { InstructionState, type Instruction } from "../../client/src/index.ts";
import type { OfCustomer, Shown } from "../../shell/feature.ts";
import { moment } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { isOverdue, isUrgent, waits } from "../../shell/instructed.ts";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { one } from "../../shell/phone.ts";
import { href } from "../../shell/router.ts";
import { personName } from "../../shell/words.ts";
import { NextStep } from "./answers.tsx";
import { OneInstruction, stateOfRep, toneOf } from "./instruction.tsx";
import { next, open, over } from "./look.ts";
import { say } from "./texts.ts";

function Row({ instruction }: { readonly instruction: Instruction }): JSX.Element {
  const { id, text, customer_id, due_ms, author_id, round, state } = instruction;
  const due = due_ms === null ? "" : say("due", { when: moment(due_ms) });
  const about = [customer_id === null ? "" : one("customer", customer_id)?.name, due, personName(author_id)];
  return (
    <a class="row instruction" href={href(`instructions/${id}`)}>
      <Icon name="task" />
      <span class="grow">
        <b>{text}</b>
        <small>{about.filter(Boolean).join(" · ")}</small>
      </span>
      <span class="marks">
        {isUrgent(instruction) && state < InstructionState.declined && <span class="chip late">{say("urgent")}</span>}
        {isOverdue(instruction) && <span class="chip late">{say("late")}</span>}
        {round > 1 && state < InstructionState.acknowledged && <span class="chip late">{say("returned", { n: round })}</span>}
        {waits(instruction) && <span class="chip wait">{say("waits")}</span>}
        <span class={`chip ${toneOf(instruction)}`}>{stateOfRep(instruction)}</span>
      </span>
    </a>
  );
}

function Rows({ instructions }: { readonly instructions: readonly Instruction[] }): JSX.Element {
  return (
    <div class="card list">
      {instructions.map((instruction) => (
        <div class="told" key={instruction.id}>
          <Row instruction={instruction} />
          {next(instruction) !== null && <NextStep instruction={instruction} />}
        </div>
      ))}
    </div>
  );
}

function List(): JSX.Element {
  const [now, before] = [open(), over()];
  return (
    <>
      <TopBar title={say("instructions")} before="me" />
      <main>
        {now.length + before.length === 0 && <Empty icon="task">{say("empty")}</Empty>}
        {now.length > 0 && <Rows instructions={now} />}
        {before.length > 0 && (
          <section>
            <h2>{say("over")}</h2>
            <Rows instructions={before} />
          </section>
        )}
      </main>
    </>
  );
}

export function Instructions({ rest: [id] }: Shown): JSX.Element {
  return id === undefined ? <List /> : <OneInstruction id={id} />;
}

function Piece({ instructions }: { readonly instructions: readonly Instruction[] }): JSX.Element | null {
  if (instructions.length === 0) return null;
  return (
    <section>
      <h2>{say("instructions")}</h2>
      <Rows instructions={instructions} />
    </section>
  );
}

/** On the first screen of the day: what is to be done. */
export const TodayPiece = (): JSX.Element | null => <Piece instructions={open()} />;

/** On a customer's screen: what is to be done there. */
export const CustomerPiece = ({ customer }: OfCustomer): JSX.Element | null => (
  <Piece instructions={open().filter(({ customer_id }) => customer_id === customer.id)} />
);
