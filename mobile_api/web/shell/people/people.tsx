/** The people at a customer's: call them, add one, change one. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  create,
  distinct,
  patch,
  remove,
  removing,
  type Changed,
  type Contact,
  type Seniority,
  type SetChange,
} from "../../client/src/index.ts";
import { birthdayWords } from "../birthday.ts";
import { enter } from "../entering.ts";
import type { OfCustomer } from "../feature.ts";
import { ChoiceField, Form, TextField, type Written } from "../form.tsx";
import { Icon } from "../icons.tsx";
import { Avatar, Sheet } from "../parts.tsx";
import { CustomInputs, extraChanges } from "../fields/form.tsx";
import { isTold, type Told } from "../problems.ts";
import { Section } from "../section.tsx";
import { useSeen } from "../seen.ts";
import { say as shared } from "../texts.ts";
import { capital, entityNumber, fieldWord, valuesOf, valueWords } from "../words.ts";
import { BirthdayFields, birthdayIn } from "./birthday.tsx";
import { peopleOf } from "./look.ts";
import { say } from "./texts.ts";

const SLOTS = ["name", "title", "phone", "email", "note"] as const;
const LETTERS_MAX = { name: 120, title: 40, phone: 40, email: 200, note: 4000 };
const MODES = { phone: "tel", email: "email" } as const;
const PHONES_LETTERS_MAX = 400;

/** The numbers of a text, one on each line. */
const numbersOf = (text: string): string[] => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];

const CONTACT = entityNumber("contact");

/** How much a person decides, the unknown last. */
function seniorities(): [number, string][] {
  const words = [...valuesOf(CONTACT, "seniority")!.keys()].map((value): [number, string] => [
    value,
    value === 0 ? shared("not_told") : capital(valueWords(CONTACT, "seniority", value)),
  ]);
  return [...words.slice(1), words[0]!];
}

function rank(written: Written, before: Seniority): { readonly seniority?: Seniority } {
  const seniority = written.number("seniority") as Seniority;
  return seniority === before ? {} : { seniority };
}

/** What became other in the form. */
function changes(contact: Contact, written: Written): Changed<"contact"> {
  const fields = SLOTS.map((slot) => [slot, written.text(slot)] as const).filter(([slot, text]) => text !== contact[slot]);
  const [numbers, stood] = [numbersOf(written.text("phones")), distinct(contact.phones)];
  const gone = stood.filter((number) => !numbers.includes(number));
  const added = numbers.filter((number) => !stood.includes(number));
  const phones: SetChange = { ...removing(contact.phones, ...gone), add: added };
  return { ...Object.fromEntries(fields), ...(gone.length + added.length > 0 ? { phones } : {}) };
}

interface Editing extends OfCustomer {
  /** Null: a new person. */
  readonly contact: Contact | null;
  readonly onClose: () => void;
}

function Edit({ customer, contact, onClose }: Editing): JSX.Element {
  const seen = useSeen("contact", contact?.id);
  const save = (written: Written): Promise<Told | null> | Told | null => {
    if (written.text("name") === "") return { happened: say("no_name"), means: say("no_name_means"), next: say("no_name_next") };
    const extra = extraChanges("contact", written, contact?.extra);
    if (isTold(extra)) return extra;
    const birthday = birthdayIn(written);
    if (typeof birthday !== "string") return birthday;
    if (contact === null) {
      const fields = Object.fromEntries(SLOTS.map((slot) => [slot, written.text(slot)]));
      const given = {
        customer_id: customer.id,
        ...fields,
        phones: numbersOf(written.text("phones")),
        birthday,
        ...rank(written, 0),
        ...extra,
      };
      return enter([create("contact", given)], { text: shared("saved") });
    }
    const changed = {
      ...changes(contact, written),
      ...(birthday === contact.birthday ? {} : { birthday }),
      ...rank(written, contact.seniority),
      ...extra,
    };
    if (Object.keys(changed).length === 0) return null;
    return enter([patch("contact", contact.id, changed, seen)], { text: shared("saved") });
  };
  const drop = (): void => {
    void enter([remove("contact", contact!.id, seen)], { text: say("removed") });
    onClose();
  };
  return (
    <Sheet title={contact === null ? say("add") : say("edit", { name: contact.name })} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        {SLOTS.map((slot) => (
          <TextField
            key={slot}
            label={say(slot)}
            name={slot}
            value={contact?.[slot] ?? ""}
            most={LETTERS_MAX[slot]}
            lines={slot === "note" ? 3 : 1}
            mode={slot === "phone" || slot === "email" ? MODES[slot] : "text"}
            needed={slot === "name"}
            first={slot === "name"}
          />
        ))}
        <TextField
          label={say("phones")}
          name="phones"
          value={distinct(contact?.phones ?? []).join("\n")}
          most={PHONES_LETTERS_MAX}
          lines={2}
          hint={say("phones_hint")}
        />
        <ChoiceField
          label={capital(fieldWord(CONTACT, "seniority"))}
          name="seniority"
          choices={seniorities()}
          value={contact?.seniority ?? 0}
        />
        <BirthdayFields birthday={contact?.birthday ?? ""} />
        <CustomInputs name="contact" extra={contact?.extra ?? {}} />
      </Form>
      {contact !== null && (
        <button class="bare hot wide" onClick={drop}>
          <Icon name="bin" />
          {shared("remove")}
        </button>
      )}
    </Sheet>
  );
}

function Person({ contact, onEdit }: { readonly contact: Contact; readonly onEdit: () => void }): JSX.Element {
  const numbers = [contact.phone, ...distinct(contact.phones)].filter(Boolean);
  const born = contact.birthday === "" ? "" : say("born", { day: birthdayWords(contact.birthday) });
  return (
    <div class="person">
      <button aria-haspopup="dialog" class="row" onClick={onEdit}>
        <Avatar name={contact.name} />
        <span class="grow">
          <b>
            <span class="unseen">{say("edit", { name: "" })}</span>
            {contact.name}
          </b>
          <small>{[contact.title, ...numbers, born].filter(Boolean).join(" · ")}</small>
        </span>
      </button>
      {numbers.length > 0 && (
        <a class="dial" href={`tel:${numbers[0]}`} aria-label={say("call", { name: contact.name })}>
          <Icon name="call" />
        </a>
      )}
    </div>
  );
}

export function People({ customer }: OfCustomer): JSX.Element {
  const [editing, setEditing] = useState<Contact | "new" | null>(null);
  const people = peopleOf(customer.id);
  const close = (): void => setEditing(null);
  return (
    <Section title={say("people")} addWord={say("add")} onAdd={() => setEditing("new")}>
      {people.length > 0 && (
        <div class="card list">
          {people.map((contact) => (
            <Person key={contact.id} contact={contact} onEdit={() => setEditing(contact)} />
          ))}
        </div>
      )}
      {editing !== null && <Edit customer={customer} contact={editing === "new" ? null : editing} onClose={close} />}
    </Section>
  );
}
