/** Logging a contact by phone, mail, message or in a meeting: how, with whom, what was said, and when next. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Channel, create, type ContactLog, type Given, type Id } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { ChoiceField, Form, SelectField, TextField, type Written } from "../../shell/form.tsx";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { peopleOf } from "../../shell/people/look.ts";
import type { Told } from "../../shell/problems.ts";
import { entityNumber, valueWords } from "../../shell/words.ts";
import { noDay, planEdit, planned, PlanFields } from "../follow_ups/plan.tsx";
import { say } from "./texts.ts";

const NOTE_LETTERS_MAX = 4000;
const CHANNELS = [Channel.phone, Channel.message, Channel.mail, Channel.meeting] as const;

export function channelWord(channel: Channel): string {
  const word = valueWords(entityNumber("contact_log"), "channel", channel);
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function LogFields({ customer, shown }: { readonly customer: Id; readonly shown?: ContactLog }): JSX.Element {
  const people = peopleOf(customer).map(({ id, name }) => [id, name] as const);
  const channels = CHANNELS.map((channel) => [channel, channelWord(channel)] as const);
  return (
    <>
      <ChoiceField label={say("channel")} name="channel" choices={channels} value={shown?.channel ?? Channel.phone} />
      {people.length > 0 && (
        <SelectField label={say("person")} name="person" choices={[["", say("nobody")], ...people]} value={shown?.contact_id ?? ""} />
      )}
      <TextField label={say("note")} name="note" value={shown?.note ?? ""} most={NOTE_LETTERS_MAX} lines={3} />
    </>
  );
}

export function logged(written: Written): Pick<Given<"contact_log">, "channel" | "contact_id" | "note"> {
  return { channel: written.number("channel") as Channel, contact_id: written.text("person") || null, note: written.text("note") };
}

export function LogSheet({ customer, onClose }: OfCustomer & { readonly onClose: () => void }): JSX.Element {
  const save = (written: Written): Promise<Told | null> | Told => {
    const plan = planned(written);
    if (plan === "dayless") return noDay();
    const log = create("contact_log", { customer_id: customer.id, device_ms: Date.now(), ...logged(written) });
    const edits = plan === null ? [log] : [log, planEdit(customer.id, plan)];
    return enter(edits, { text: say(plan === null ? "saved" : "saved_planned") });
  };
  return (
    <Sheet title={say("log_title")} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <LogFields customer={customer.id} />
        <PlanFields after={customer.id} />
      </Form>
    </Sheet>
  );
}

/** The button on a customer's screen. */
export function Log({ customer }: OfCustomer): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button aria-haspopup="dialog" class="action" onClick={() => setOpen(true)}>
        <Icon name="talk" />
        {say("log")}
      </button>
      {open && <LogSheet customer={customer} onClose={() => setOpen(false)} />}
    </>
  );
}
