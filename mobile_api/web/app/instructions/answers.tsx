/** The rep's answers to an instruction: one touch for what needs no more, a sheet for what an answer must bring. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { InstructionState, Requires, type Id, type Instruction } from "../../client/src/index.ts";
import { moment } from "../../shell/format.ts";
import { Form, SelectField, TextField, type Written } from "../../shell/form.tsx";
import { isUrgent } from "../../shell/instructed.ts";
import { Sheet, Trouble } from "../../shell/parts.tsx";
import { one } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { CheckInSheet } from "../visits/checkin.tsx";
import { answer, next, step, visitsFor } from "./look.ts";
import { say } from "./texts.ts";

const REASON_LETTERS_MAX = 200;
const REPLY_LETTERS_MAX = 4_000;
const OPENS = { "aria-haspopup": "dialog" } as const;

interface OfOne {
  readonly instruction: Instruction;
  readonly onClose: () => void;
}

/** What it must bring (D-804): a reply, a visit of today or one made now. */
function FinishSheet({ instruction, onClose, onCheckIn }: OfOne & { readonly onCheckIn: () => void }): JSX.Element {
  const { requires, customer_id } = instruction;
  const visits = visitsFor(instruction).map(
    (visit) => [visit.id, [one("customer", visit.customer_id)?.name, moment(visit.device_ms)].filter(Boolean).join(" · ")] as const,
  );
  const isNeeded = requires === Requires.visit;
  const choices = isNeeded ? visits : [...visits, ["", say("no_visit")] as const];
  const save = (written: Written): Promise<Told | null> =>
    answer(instruction, { command: "finish", visit_id: written.text("visit") || null, reply: written.text("reply") });
  const checkIn = isNeeded && customer_id !== null && one("customer", customer_id) !== null && (
    <button type="button" class="wide" {...OPENS} onClick={onCheckIn}>
      {say("check_in")}
    </button>
  );
  return (
    <Sheet title={say("finish_title")} onClose={onClose}>
      {isNeeded && visits.length === 0 ? (
        <>
          <p class="lead">{say("visit_needed")}</p>
          {checkIn}
        </>
      ) : (
        <Form onSave={save} onDone={onClose} onCancel={onClose} saveWord={say("finish")}>
          {visits.length > 0 && <SelectField label={say("by_visit")} name="visit" choices={choices} value={visits[0]![0]} />}
          <TextField
            label={say("reply")}
            name="reply"
            most={REPLY_LETTERS_MAX}
            lines={3}
            needed={requires === Requires.reply}
            first={requires === Requires.reply}
          />
          {checkIn}
        </Form>
      )}
    </Sheet>
  );
}

function DeclineSheet({ instruction, onClose }: OfOne): JSX.Element {
  return (
    <Sheet title={say("decline_title")} onClose={onClose}>
      <Form
        onSave={(written) => answer(instruction, { command: "decline", reason: written.text("reason") })}
        onDone={onClose}
        onCancel={onClose}
        saveWord={say("decline")}
      >
        <TextField label={say("reason")} name="reason" most={REASON_LETTERS_MAX} lines={3} needed first />
      </Form>
    </Sheet>
  );
}

interface Given {
  readonly instruction: Instruction;
  readonly onTold: (told: Told | null) => void;
}

type Asking = "finish" | "decline" | "check_in";

export function Answers({ instruction, onTold }: Given): JSX.Element {
  const [asking, setAsking] = useState<Asking | null>(null);
  const { state } = instruction;
  const isTouch = state < InstructionState.started;
  return (
    <div class="buttons">
      <NextButton instruction={instruction} look="primary" onAsk={setAsking} onTold={onTold} />
      {isTouch && (
        <button {...OPENS} onClick={() => setAsking("finish")}>
          {say("finish")}
        </button>
      )}
      {state < InstructionState.declined && (
        <button {...OPENS} class="bare" onClick={() => setAsking("decline")}>
          {say("decline")}
        </button>
      )}
      <Sheets instruction={instruction} asking={asking} onAsk={setAsking} onTold={onTold} />
    </div>
  );
}

interface NextGiven extends Given {
  readonly look: string;
  readonly onAsk: (asking: Asking) => void;
}

function NextButton({ instruction, look, onAsk, onTold }: NextGiven): JSX.Element {
  const todo = next(instruction) ?? "finish"; // a declined one can still be done (D-802)
  const act = (): void => (todo === "finish" ? onAsk(todo) : void step(instruction, todo).then(onTold));
  return (
    <button {...(todo === "finish" ? OPENS : {})} class={look} onClick={act}>
      {say(todo)}
    </button>
  );
}

/** The next step of an instruction, beside its row in a list. */
export function NextStep({ instruction }: Pick<Given, "instruction">): JSX.Element {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [wrong, setWrong] = useState<Told | null>(null);
  return (
    <div class="next">
      {wrong !== null && <Trouble told={wrong} />}
      <NextButton instruction={instruction} look="small" onAsk={setAsking} onTold={setWrong} />
      <Sheets instruction={instruction} asking={asking} onAsk={setAsking} onTold={setWrong} />
    </div>
  );
}

interface SheetsGiven extends Given {
  readonly asking: Asking | null;
  readonly onAsk: (asking: Asking | null) => void;
}

function Sheets({ instruction, asking, onAsk, onTold }: SheetsGiven): JSX.Element | null {
  const close = (): void => onAsk(null);
  const customer = instruction.customer_id === null ? null : one("customer", instruction.customer_id);
  const visited = (visitId: Id): void => void answer(instruction, { command: "finish", visit_id: visitId }).then(onTold);
  if (asking === "finish") return <FinishSheet instruction={instruction} onClose={close} onCheckIn={() => onAsk("check_in")} />;
  if (asking === "decline") return <DeclineSheet instruction={instruction} onClose={close} />;
  if (asking === "check_in" && customer !== null) return <CheckInSheet customer={customer} onClose={close} onSaved={visited} />;
  return null;
}

/** When it is due, whether it is urgent, and whether it came back. */
export function Chips({ instruction }: { readonly instruction: Instruction }): JSX.Element {
  const { due_ms: due, round, state } = instruction;
  const late = due !== null && due < Date.now() && state < InstructionState.declined;
  return (
    <p class="chips">
      {isUrgent(instruction) && <span class="chip late">{say("urgent")}</span>}
      {round > 1 && state < InstructionState.declined && <span class="chip late">{say("returned", { n: round })}</span>}
      {due !== null && <span class={late ? "chip late" : "chip"}>{say(late ? "overdue" : "due", { when: moment(due) })}</span>}
    </p>
  );
}
