/** One instruction at the desk: how it stands and since when, who else has it, and what its author decides about it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { InstructionState, Requires, type Instruction } from "../../client/src/index.ts";
import { Form, TextField, type Written } from "../../shell/form.tsx";
import { ago, count, moment } from "../../shell/format.ts";
import { sinceMs, stateWord, stepsOf, waits } from "../../shell/instructed.ts";
import { Avatar, Sheet } from "../../shell/parts.tsx";
import { isTold, type Told } from "../../shell/problems.ts";
import { personName } from "../../shell/words.ts";
import { FactList } from "../fact_list.tsx";
import { colon, fieldHead, headed } from "../words_of.ts";
import { DueFields, dueIn } from "./due.tsx";
import { decide, isMine, isPressingWord, type Line } from "./look.ts";
import { named } from "../named.ts";
import { say } from "./texts.ts";

const REASON_LETTERS_MAX = 200;
/** Bits of `escalated` that the manager above was told (D-812). */
const ABOVE = 2 | 8 | 32;

export const customerName = ({ customer_id: id }: Instruction): string => (id === null ? "" : (named(id)?.name ?? "…"));

export function StateChip({ state }: Pick<Instruction, "state">): JSX.Element {
  return <span class={`chip state-${state}`}>{headed(stateWord({ state }))}</span>;
}

function factsOf({ told, pressing }: Line): readonly (readonly [string, string])[] {
  const { reason, visit_id, due_ms, round, requires, place, reply, escalated, state } = told;
  const who = escalated & ABOVE ? "told_above" : "told_author";
  const why = pressing === null ? "" : headed([say(isPressingWord[pressing]), ...(escalated === 0 ? [] : [say(who)])].join(" · "));
  return (
    [
      [fieldHead("instruction", "state"), [headed(stateWord(told)), waits(told) ? say("waits") : ""].filter(Boolean).join(" · ")],
      [say("since"), moment(sinceMs(told))],
      [say("pressing"), why],
      [say("round"), round > 1 ? say("round_n", { n: count(round) }) : ""],
      [say("reason"), reason],
      [fieldHead("instruction", "reply"), reply],
      [say("visit"), visit_id === null ? "" : say("by_visit")],
      [say("rep"), personName(told.rep_id)],
      [
        say("customer"),
        state === InstructionState.moved && told.customer_id !== null ? `${customerName(told)} · ${say("moved")}` : customerName(told),
      ],
      [fieldHead("instruction", "place"), place],
      [
        say("requires"),
        requires === Requires.visit ? headed(say("requires_visit")) : requires === Requires.reply ? headed(say("requires_reply")) : "",
      ],
      [say("due"), due_ms === null ? "" : moment(due_ms)],
      [say("by"), `${personName(told.author_id)} · ${moment(told.sent_ms)}`],
    ] as const
  ).filter(([, value]) => value !== "");
}

function Progress({ told }: { readonly told: Instruction }): JSX.Element {
  return (
    <section>
      <h3>{say("progress")}</h3>
      <ol class="card list">
        {stepsOf(told).map(({ state, occurred_ms, heard_ms }, at) => (
          <li class="row" key={at}>
            <span class="grow">
              {headed(stateWord({ state }))}
              {heard_ms - occurred_ms > 60_000 && <small>{say("heard", { when: moment(heard_ms) })}</small>}
            </span>
            {heard_ms === 0 && <span class="chip wait">{say("waits")}</span>}
            <small>{moment(occurred_ms)}</small>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Others({ others, counts }: { readonly others: readonly Instruction[]; readonly counts: Line["counts"] }): JSX.Element | null {
  if (others.length < 2) return null;
  return (
    <section>
      <h3>
        {say("who")} · {say("of_read", { n: count(counts.read), of: count(counts.of) })} ·{" "}
        {say("of_done", { n: count(counts.done), of: count(counts.of) })}
      </h3>
      <ul class="card list" aria-label={say("who")}>
        {others.map((told) => (
          <li class="row" key={told.id}>
            <Avatar name={personName(told.rep_id)} />
            <span class="grow">
              <b>{personName(told.rep_id)}</b>
              <small>{ago(sinceMs(told))}</small>
            </span>
            <StateChip state={told.state} />
          </li>
        ))}
      </ul>
    </section>
  );
}

type Asking = "return" | "cancel";

interface Given {
  readonly line: Line;
  readonly others: readonly Instruction[];
  readonly onClose: () => void;
}

export function Details({ line, others, onClose }: Given): JSX.Element {
  const [asking, setAsking] = useState<Asking | null>(null);
  const { told } = line;
  if (asking !== null) return <Ask told={told} decision={asking} onDone={onClose} onClose={() => setAsking(null)} />;
  return (
    <Sheet title={say("instructions")} onClose={onClose}>
      <p class="value">{told.text}</p>
      <FactList facts={factsOf(line)} />
      <Progress told={told} />
      <Others others={others} counts={line.counts} />
      <div class="buttons">
        {isMine(told) && <Decisions told={told} onAsk={setAsking} onDone={onClose} />}
        <button onClick={onClose}>{say("close")}</button>
      </div>
    </Sheet>
  );
}

interface DecisionsGiven {
  readonly told: Instruction;
  readonly onAsk: (asking: Asking) => void;
  readonly onDone: () => void;
}

/** By the author, or by whoever stands in for one who has left (D-809, D-813). */
function Decisions({ told, onAsk, onDone }: DecisionsGiven): JSX.Element {
  const { state } = told;
  const confirm = (): void => void decide(told, { command: "confirm" }).then((wrong) => wrong === null && onDone());
  return (
    <>
      {state === InstructionState.done && (
        <button class="primary" onClick={confirm}>
          {say("confirm")}
        </button>
      )}
      {(state === InstructionState.done || state === InstructionState.declined) && (
        <button aria-haspopup="dialog" onClick={() => onAsk("return")}>
          {say("give_back")}
        </button>
      )}
      {state < InstructionState.done && (
        <button aria-haspopup="dialog" class="refuse" onClick={() => onAsk("cancel")}>
          {say("cancel")}
        </button>
      )}
    </>
  );
}

interface AskGiven {
  readonly told: Instruction;
  readonly decision: Asking;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function Ask({ told, decision, onDone, onClose }: AskGiven): JSX.Element {
  const back = decision === "return";
  const save = (written: Written): Promise<Told | null> | Told => {
    const reason = written.text("reason");
    if (!back) return decide(told, { command: "cancel", reason });
    const due = dueIn(written);
    return due !== null && isTold(Object(due)) ? (due as Told) : decide(told, { command: "return", reason, due_ms: due as number | null });
  };
  return (
    <Sheet title={say(back ? "give_back_title" : "cancel_title")} onClose={onClose}>
      <p class="lead">{personName(told.rep_id) + colon() + told.text}</p>
      <Form onSave={save} onDone={onDone} onCancel={onClose} saveWord={say(back ? "give_back" : "cancel")}>
        <TextField label={say("reason")} name="reason" most={REASON_LETTERS_MAX} lines={3} needed={back} first />
        {back && <DueFields word="new_due" />}
      </Form>
    </Sheet>
  );
}
