/** One instruction: what is wanted, where and by when, how it stands, and the rep's answers. Opening it says that it was read. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { InstructionState, Requires, type Id, type Instruction } from "../../client/src/index.ts";
import { ago, moment } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { stateWord, stepsOf, waits } from "../../shell/instructed.ts";
import { Empty, TopBar, Trouble } from "../../shell/parts.tsx";
import { one } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { href } from "../../shell/router.ts";
import { personName } from "../../shell/words.ts";
import { Answers, Chips } from "./answers.tsx";
import { answer, mine } from "./look.ts";
import { say } from "./texts.ts";

const REQUIRED: Readonly<Partial<Record<number, "requires_reply" | "requires_visit">>> = {
  [Requires.reply]: "requires_reply",
  [Requires.visit]: "requires_visit",
};

/** It is read once it stands before the rep's eyes: not on a screen that is off, nor in a window behind others. */
function useRead(instruction: Instruction): void {
  const unread = instruction.state < InstructionState.read;
  useEffect(() => {
    if (!unread) return undefined;
    const look = (): void => void (document.visibilityState === "visible" && answer(instruction, { command: "read" }));
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [instruction.id, instruction.round, unread]);
}

export function toneOf({ state }: Instruction): string {
  if (state === InstructionState.done || state === InstructionState.confirmed) return "good";
  return state < InstructionState.read ? "late" : "";
}

export const stateOfRep = (instruction: Instruction): string =>
  instruction.state < InstructionState.read ? say("fresh") : stateWord(instruction);

/** What became of it, in a sentence each. */
function Outcome({ instruction }: { readonly instruction: Instruction }): JSX.Element {
  const { state, round, reason, reply, customer_id, from_id, author_id } = instruction;
  const open = state < InstructionState.declined;
  const told = [
    from_id !== null && open ? say("came") : "",
    round > 1 && open && reason !== "" ? say("returned_why", { who: personName(author_id), reason }) : "",
    state === InstructionState.declined ? say("declined_why", { reason }) : "",
    reply !== "" ? say("your_reply", { reply }) : "",
    state === InstructionState.confirmed ? say("confirmed") : "",
    state === InstructionState.cancelled ? say("cancelled") : "",
    state === InstructionState.cancelled && reason !== "" ? say("cancelled_why", { reason }) : "",
    state === InstructionState.moved ? say(customer_id === null ? "moved_back" : "moved") : "",
  ];
  return (
    <>
      {told.filter(Boolean).map((line) => (
        <p class="outcome" key={line}>
          {line}
        </p>
      ))}
    </>
  );
}

/** Customer, place, what it requires, and the visit by which it was done. */
function About({ instruction }: { readonly instruction: Instruction }): JSX.Element {
  const { customer_id, visit_id, place, requires, state } = instruction;
  const customer = customer_id === null ? null : one("customer", customer_id);
  const required = state < InstructionState.done ? REQUIRED[requires] : undefined;
  return (
    <>
      {customer !== null && (
        <a class="row about" href={href(`customers/${customer.id}`)}>
          <Icon name="customers" />
          <span class="grow">
            <b>{customer.name}</b>
          </span>
        </a>
      )}
      {place !== "" && <Where instruction={instruction} />}
      {required !== undefined && (
        <p class="row about">
          <Icon name={requires === Requires.visit ? "pin" : "edit"} />
          <span class="grow">{say(required)}</span>
        </p>
      )}
      {visit_id !== null && (
        <a class="row about" href={href(`visits/${visit_id}`)}>
          <Icon name="pin" />
          <span class="grow">{say("visit")}</span>
        </a>
      )}
    </>
  );
}

/** A position is for the map app of the phone. */
function Where({ instruction }: { readonly instruction: Instruction }): JSX.Element {
  const { place, wgs_latitude_e6: latitude, wgs_longitude_e6: longitude } = instruction;
  const inside = [<Icon name="route" key="icon" />, <span class="grow" key="place">{place}</span>]; // prettier-ignore
  if (latitude === null || longitude === null) return <p class="row about">{inside}</p>;
  const point = `${latitude / 1e6},${longitude / 1e6}`;
  return (
    <a class="row about" href={`geo:${point}?q=${point}(${encodeURIComponent(place)})`}>
      {inside}
    </a>
  );
}

function Progress({ instruction }: { readonly instruction: Instruction }): JSX.Element {
  return (
    <section>
      <h2>{say("progress")}</h2>
      <ol class="card list">
        {stepsOf(instruction).map(({ state, occurred_ms, heard_ms }, at) => (
          <li class="row" key={at}>
            <span class="grow">{stateWord({ state })}</span>
            {heard_ms === 0 && <span class="chip wait">{say("waits")}</span>}
            <small class="side">{moment(occurred_ms)}</small>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Known({ instruction }: { readonly instruction: Instruction }): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  useRead(instruction);
  return (
    <main>
      <article class="card note">
        <header>
          <span class="grow">
            <small>{say("from", { who: personName(instruction.author_id), when: ago(instruction.sent_ms) })}</small>
          </span>
          {waits(instruction) && <span class="chip wait">{say("waits")}</span>}
          <span class={`chip ${toneOf(instruction)}`}>{stateOfRep(instruction)}</span>
        </header>
        <p class="body">{instruction.text}</p>
        <Chips instruction={instruction} />
        <About instruction={instruction} />
        <Outcome instruction={instruction} />
        {wrong !== null && <Trouble told={wrong} />}
        {instruction.state < InstructionState.done && <Answers instruction={instruction} onTold={setWrong} />}
      </article>
      <Progress instruction={instruction} />
    </main>
  );
}

export function OneInstruction({ id }: { readonly id: Id }): JSX.Element {
  const instruction = mine(id);
  return (
    <>
      <TopBar title={say("instruction")} before="instructions" />
      {instruction === null ? <Empty icon="task">{say("gone")}</Empty> : <Known instruction={instruction} />}
    </>
  );
}
