/** Instructions where a customer stands: the button that gives one, and those that are not done yet. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Customer } from "../../client/src/index.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { moment } from "../../shell/format.ts";
import { drawn, isOver } from "../../shell/instructed.ts";
import { all } from "../../shell/phone.ts";
import { href } from "../../shell/router.ts";
import { isLeader } from "../../shell/team.ts";
import { personName } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { StateChip } from "./details.tsx";
import { GiveSheet } from "./give.tsx";
import { say } from "./texts.ts";

/** Gives one about this customer; about each of several. */
export function Instruct({ customers }: { readonly customers: readonly Customer[] }): JSX.Element {
  const [giving, setGiving] = useState(false);
  const close = (): void => setGiving(false);
  return (
    <>
      <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setGiving(true)}>
        {say("instruct")}
      </button>
      {giving && <GiveSheet customers={customers} onDone={close} onClose={close} />}
    </>
  );
}

export const InstructCustomer = ({ customer }: OfCustomer): JSX.Element | null => (isLeader() ? <Instruct customers={[customer]} /> : null);

/** As far as this desk holds them: what its manager or the reports were given. */
export function CustomerPiece({ customer }: OfCustomer): JSX.Element | null {
  const open = all("instruction")
    .filter(({ customer_id }) => customer_id === customer.id)
    .map(drawn)
    .filter((told) => !isOver(told));
  if (open.length === 0) return null;
  return (
    <section>
      <h2>{say("instructions")}</h2>
      <div class="card list">
        {open.map((told) => (
          <a class="row" key={told.id} href={href(`instructions/${told.id}`)}>
            <span class="grow">
              <b>{told.text}</b>
              <small>{[personName(told.rep_id), told.due_ms === null ? "" : moment(told.due_ms)].filter(Boolean).join(" · ")}</small>
            </span>
            <StateChip state={told.state} />
          </a>
        ))}
      </div>
    </section>
  );
}
