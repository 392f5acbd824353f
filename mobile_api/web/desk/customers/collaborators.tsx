/** Who follows a customer up beside its owner: begun and ended at the desk (D-107, D-108). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Customer } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { DayField, Form, SelectField, type Written } from "../../shell/form.tsx";
import { dayOf, dayWord } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Avatar, Sheet, Trouble } from "../../shell/parts.tsx";
import { all, one, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { end, give } from "../../shell/rest.ts";
import { personName } from "../../shell/words.ts";
import { receivers } from "../../shell/team.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { say } from "./texts.ts";

/** The last millisecond of a day by this device's calendar. */
function endOf(day: number): number {
  const at = new Date(day * 86_400_000);
  return new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1).getTime() - 1;
}

function Add({ customer, onClose }: { readonly customer: Customer; readonly onClose: () => void }): JSX.Element {
  const taken = new Set([...collaboratorsOf(customer).map(({ user_id }) => user_id), one("standing", customer.id)?.owner_id]);
  const people = receivers()
    .filter(({ id }) => !taken.has(id))
    .map(({ id, name }) => [id, name] as const);
  const save = async (written: Written): Promise<Told | null> => {
    const user_id = written.text("who");
    const day = written.day("until");
    try {
      await give(`/v1/desk/customers/${customer.id}/collaborators`, { user_id, until_ms: day === null ? null : endOf(day) });
      await sync();
    } catch (error) {
      return told(error);
    }
    tell({ text: say("began", { name: personName(user_id) }) });
    return null;
  };
  return (
    <Sheet title={say("add_collaborator")} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose}>
        <SelectField label={say("who")} name="who" choices={people} value={people[0]?.[0] ?? ""} />
        <DayField label={say("until")} name="until" day={null} />
      </Form>
    </Sheet>
  );
}

const collaboratorsOf = (customer: Customer) => all("collaborator").filter(({ customer_id }) => customer_id === customer.id);

export function Collaborators({ customer }: { readonly customer: Customer }): JSX.Element {
  const [adding, setAdding] = useState(false);
  const [wrong, setWrong] = useState<Told | null>(null);
  const stop = async (id: string): Promise<void> => {
    try {
      await end(`/v1/desk/customers/${customer.id}/collaborators/${id}`);
      await sync();
      tell({ text: say("ended", { name: personName(id) }) });
      setWrong(null);
    } catch (error) {
      setWrong(told(error));
    }
  };
  return (
    <section>
      <h2>{say("collaborators")}</h2>
      <div class="card list">
        {collaboratorsOf(customer).map(({ id, user_id, until_ms }) => (
          <div class="row" key={id}>
            <Avatar name={personName(user_id)} />
            <span class="grow">
              <b>{personName(user_id)}</b>
              {until_ms !== null && <small>{say("until_day", { day: dayWord(dayOf(until_ms)) })}</small>}
            </span>
            <button class="bare" {...needsServer()} aria-label={`${say("end")}: ${personName(user_id)}`} onClick={() => void stop(user_id)}>
              {say("end")}
            </button>
          </div>
        ))}
        <button aria-haspopup="dialog" class="row bare add" {...needsServer()} onClick={() => setAdding(true)}>
          <Icon name="plus" />
          {say("add_collaborator")}
        </button>
      </div>
      {wrong !== null && <Trouble told={wrong} />}
      {adding && <Add customer={customer} onClose={() => setAdding(false)} />}
    </section>
  );
}
