/** A customer is made or changed by the desk's own verbs (D-112, D-113): at once, or not at all, with the reason. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Problem, type Customer, type Id } from "../../client/src/index.ts";
import { entityOf } from "../../client/src/sync/entity.ts";
import { tell } from "../../shell/entering.ts";
import { ChoiceField, Form, SelectField, TextField, type Written } from "../../shell/form.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { all, one, phone, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { fieldWord, valuesOf, valueWords } from "../../shell/words.ts";
import { isManager, receivers } from "../../shell/team.ts";
import { lockedAway } from "../away.tsx";
import { say, type DeskText } from "./texts.ts";

const TEXTS = ["name", "phone", "city", "address", "industry", "registration_number", "note"] as const;
const LETTERS_MAX: Readonly<Record<(typeof TEXTS)[number], number>> = {
  name: 120,
  phone: 40,
  city: 40,
  address: 200,
  industry: 40,
  registration_number: 40,
  note: 4000,
};
const ENTITY = entityOf("customer");

const CHOICES = ["kind", "size", "stock_listing", "earnings"] as const;

type Values = Partial<Record<(typeof TEXTS)[number] | (typeof CHOICES)[number], string | number>>;

function Fields({ customer }: { readonly customer: Customer | null }): JSX.Element {
  return (
    <>
      {TEXTS.map((field, at) => (
        <TextField
          key={field}
          label={say(field satisfies DeskText)}
          name={field}
          value={customer?.[field] ?? ""}
          most={LETTERS_MAX[field]}
          lines={field === "note" ? 3 : 1}
          mode={field === "phone" ? "tel" : "text"}
          needed={field === "name"}
          first={at === 0}
        />
      ))}
      {CHOICES.map((slot) => (
        <ChoiceField
          key={slot}
          label={fieldWord(ENTITY.number, slot)}
          name={slot}
          choices={[...valuesOf(ENTITY.number, slot)!.keys()].map((value) => [value, valueWords(ENTITY.number, slot, value)] as const)}
          value={customer?.[slot] ?? 0}
        />
      ))}
    </>
  );
}

function written(form: Written): Required<Values> {
  const texts = Object.fromEntries(TEXTS.map((field) => [field, form.text(field)]));
  return { ...texts, ...Object.fromEntries(CHOICES.map((slot) => [slot, form.number(slot)])) } as Required<Values>;
}

interface NewGiven {
  readonly onClose: () => void;
  readonly onMade: (id: Id) => void;
}

export function NewCustomer({ onClose, onMade }: NewGiven): JSX.Element {
  const [id] = useState(() => phone.newId()); // the same request again makes no second customer
  const named = receivers().map((person) => [person.id, person.name] as const);
  const ruled = all("assignment_rule").some(({ active }) => active);
  const people = ruled ? [["", say("by_rule")] as const, ...named] : named;
  const save = async (form: Written): Promise<Told | null> => {
    const values = written(form);
    try {
      await give("/v1/desk/customers", { id, owner_id: form.text("owner") || null, values });
      await sync();
    } catch (error) {
      const unruled = error instanceof Problem && error.code === "rule_broken" && error.field === "owner_id";
      return unruled ? { happened: say("no_rule"), means: "", next: say("no_rule_next") } : told(error);
    }
    tell({ text: say("created", { name: String(values.name) }) });
    if (!isManager() || one("customer", id) !== null) onMade(id); // a rule may have sent it beyond the manager's own
    return null;
  };
  return (
    <Sheet title={say("new")} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose} saveWord={say("create")}>
        <SelectField label={say("owner")} name="owner" choices={people} value={people[0]?.[0] ?? ""} />
        <Fields customer={null} />
      </Form>
    </Sheet>
  );
}

/** All slots of each group in which something differs, as a patch wants them, and the rev that was on the screen. */
function changes(customer: Customer, values: Required<Values>): { values: Values; bases: Record<string, number> } {
  const group = (slot: string): string => ENTITY.groupOfSlot(slot) ?? slot;
  const names = Object.keys(values) as (keyof Values)[];
  const changed = new Set(names.filter((slot) => values[slot] !== customer[slot]).map(group));
  const kept = names.filter((slot) => changed.has(group(slot)));
  return {
    values: Object.fromEntries(kept.map((slot) => [slot, values[slot]])),
    bases: Object.fromEntries([...changed].map((one) => [one, customer.rev])),
  };
}

export function EditCustomer({ customer, onClose }: { readonly customer: Customer; readonly onClose: () => void }): JSX.Element {
  const [seen] = useState(customer); // what the person reads while writing, whatever arrives meanwhile
  const save = async (form: Written): Promise<Told | null> => {
    const asked = changes(seen, written(form));
    if (Object.keys(asked.values).length === 0) return null;
    try {
      await give(`/v1/desk/customers/${seen.id}`, asked);
    } catch (error) {
      void sync();
      if (!(error instanceof Problem) || error.code !== "conflict") return told(error);
      const field = fieldWord(ENTITY.number, error.field ?? "");
      return { happened: say("conflict", { field }), means: "", next: say("conflict_next") };
    }
    await sync();
    tell({ text: say("saved") });
    return null;
  };
  return (
    <Sheet title={say("edit")} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose}>
        <Fields customer={seen} />
      </Form>
    </Sheet>
  );
}
