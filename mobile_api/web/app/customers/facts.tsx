/** The facts of a customer by field group: what the server merges together is edited together, and saved on this phone at once. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { patch, type Customer, type CustomerKind } from "../../client/src/index.ts";
import { entityOf } from "../../client/src/sync/entity.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { ChoiceField, Form, TextField, type Written } from "../../shell/form.tsx";
import { FactRow } from "../../shell/fact_row.tsx";
import { Sheet } from "../../shell/parts.tsx";
import type { Told } from "../../shell/problems.ts";
import { Section } from "../../shell/section.tsx";
import { useSeen } from "../../shell/seen.ts";
import { say as shared } from "../../shell/texts.ts";
import { capital, entityNumber, fieldWord, valuesOf, valueWords } from "../../shell/words.ts";
import { GroupHistory } from "./history.tsx";
import { PositionFact } from "./position.tsx";
import { say } from "./texts.ts";

export type TextSlot = "name" | "phone" | "address" | "city" | "industry" | "registration_number" | "note";
const CHOICES = ["kind", "size", "stock_listing", "earnings"] as const;
type ChoiceSlot = (typeof CHOICES)[number];
export type Slot = TextSlot | ChoiceSlot;
type Changes = { readonly [S in TextSlot]?: string } & { readonly [S in ChoiceSlot]?: Customer[S] };

const CUSTOMER = entityNumber("customer");
const GROUPS: readonly (readonly Slot[])[] = [
  ["name"],
  ["phone"],
  ["address", "city"],
  ["kind"],
  ["industry"],
  ["registration_number"],
  ["size"],
  ["stock_listing"],
  ["earnings"],
  ["note"],
];
const MODES = { phone: "tel" } as const;

const lettersMax = (slot: TextSlot): number => entityOf("customer").byName.get(slot)![2][2] as number;

const isChoice = (slot: Slot): slot is ChoiceSlot => CHOICES.includes(slot as ChoiceSlot);

/** Every value of a choice with its word; the unknown one, at the end, reads as not told. */
function choicesOf(slot: ChoiceSlot): [number, string][] {
  const words = [...valuesOf(CUSTOMER, slot)!.keys()].map((value): [number, string] => [value, choiceWord(slot, value)]);
  return [...words.slice(1), words[0]!];
}

function choiceWord(slot: ChoiceSlot, value: number): string {
  return value === 0 ? say("none") : capital(valueWords(CUSTOMER, slot, value));
}

export const kindWord = (kind: CustomerKind): string => choiceWord("kind", kind);

/** As the rest of the app calls it: the customer's own words. */
const slotWord = (slot: Slot): string =>
  slot === "size" || slot === "stock_listing" || slot === "earnings" ? capital(fieldWord(CUSTOMER, slot)) : say(slot);

/** The field of one fact in a form. */
export function FactField({
  slot,
  value,
  first,
}: {
  readonly slot: Slot;
  readonly value: string | number;
  readonly first: boolean;
}): JSX.Element {
  if (isChoice(slot)) return <ChoiceField label={slotWord(slot)} name={slot} choices={choicesOf(slot)} value={value as number} />;
  const given = { label: say(slot), name: slot, value: String(value), most: lettersMax(slot), first };
  return <TextField {...given} lines={slot === "note" ? 5 : 1} mode={slot === "phone" ? MODES.phone : "text"} needed={slot === "name"} />;
}

/** What a form says of these facts. */
export function factsOf(slots: readonly Slot[], written: Written): Changes {
  return Object.fromEntries(slots.map((slot) => [slot, isChoice(slot) ? written.number(slot) : written.text(slot)]));
}

interface Editing {
  readonly customer: Customer;
  readonly slots: readonly Slot[];
  readonly onClose: () => void;
}

function Edit({ customer: now, slots, onClose }: Editing): JSX.Element {
  const [customer] = useState(now); // as the person reads it while writing
  const seen = useSeen("customer", customer.id);
  const save = (written: Written): Promise<Told | null> | null => {
    const told = factsOf(slots, written);
    const changed: Changes = Object.fromEntries(slots.filter((slot) => told[slot] !== customer[slot]).map((slot) => [slot, told[slot]]));
    if (Object.keys(changed).length === 0) return null;
    return enter([patch("customer", customer.id, changed, seen)], { text: shared("saved") });
  };
  return (
    <Sheet title={say("edit", { field: slots.map(slotWord).join(" · ") })} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        {slots.map((slot, at) => (
          <FactField key={slot} slot={slot} value={customer[slot]} first={at === 0} />
        ))}
      </Form>
      <GroupHistory id={customer.id} group={entityOf("customer").groupOf.get(slots[0]!)!} />
    </Sheet>
  );
}

export function Facts({ customer }: OfCustomer): JSX.Element {
  const [editing, setEditing] = useState<readonly Slot[] | null>(null);
  const words = (slot: Slot): string => (!isChoice(slot) ? customer[slot] : customer[slot] === 0 ? "" : choiceWord(slot, customer[slot]));
  return (
    <Section title={say("facts")}>
      <div class="card facts">
        {GROUPS.map((slots) =>
          slots.map((slot) => <FactRow key={slot} word={slotWord(slot)} value={words(slot)} onEdit={() => setEditing(slots)} />),
        )}
        <PositionFact customer={customer} />
      </div>
      {editing !== null && <Edit customer={customer} slots={editing} onClose={() => setEditing(null)} />}
    </Section>
  );
}
