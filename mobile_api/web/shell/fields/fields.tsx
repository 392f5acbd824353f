/** The fields that the organisation defined itself: each in a form by its kind, and those of a customer. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { FieldKind, patch, type EntityName, type FieldDefinition } from "../../client/src/index.ts";
import { enter } from "../entering.ts";
import type { OfCustomer } from "../feature.ts";
import { DayField, Form, SelectField, TextField, type Written } from "../form.tsx";
import { dayWord, quantity } from "../format.ts";
import { language } from "../language.ts";
import { Sheet } from "../parts.tsx";
import { all } from "../phone.ts";
import type { Told } from "../problems.ts";
import { Section } from "../section.tsx";
import { useSeen } from "../seen.ts";
import { say as shared } from "../texts.ts";
import { entityNumber } from "../words.ts";
import { FactRow } from "../fact_row.tsx";
import { say } from "./texts.ts";

/** A custom field holds a text, a day, or a number in thousandths. */
export type Value = string | number;
const THOUSANDTHS_DIGITS = 3;
const LETTERS_MAX = 500;

/** The custom fields of a kind of record, as they are defined now. */
export function fieldsOf(name: EntityName): readonly FieldDefinition[] {
  const entity = entityNumber(name);
  return all("field_definition").filter((one) => one.entity === entity && one.active && one.kind !== FieldKind.unknown);
}

export const labelOf = ({ label_zh, label_en }: FieldDefinition): string => (language.value === "zh" ? label_zh : label_en);

/** A value as people write it; empty when there is none. */
export function customWords({ kind }: FieldDefinition, value: Value | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return kind === FieldKind.date ? dayWord(value) : quantity(value);
}

interface Input {
  readonly field: FieldDefinition;
  readonly value: Value | undefined;
  /** The person came for this field alone. */
  readonly first?: boolean;
}

/** The input of one custom field. */
export function CustomField({ field, value, first = false }: Input): JSX.Element {
  const given = { label: labelOf(field), name: `extra.${field.key}` };
  if (field.kind === FieldKind.date) return <DayField {...given} day={typeof value === "number" ? value : null} />;
  if (field.kind === FieldKind.choice) {
    const choices = [["", say("not_told")] as const, ...field.choices.map((one) => [one, one] as const)];
    return <SelectField {...given} choices={choices} value={value ?? ""} />;
  }
  const number = field.kind === FieldKind.number;
  const text = number && typeof value === "number" ? quantity(value) : String(value ?? "");
  return <TextField {...given} value={text} most={LETTERS_MAX} mode={number ? "decimal" : "text"} first={first} />;
}

/** What a form says of one custom field: null clears it, undefined when it is no number. */
export function customWritten(field: FieldDefinition, written: Written): Value | null | undefined {
  const name = `extra.${field.key}`;
  if (written.text(name) === "") return null;
  if (field.kind === FieldKind.date) return written.day(name);
  if (field.kind !== FieldKind.number) return written.text(name);
  return written.decimal(name, THOUSANDTHS_DIGITS) ?? undefined;
}

export function wrongNumber(field: FieldDefinition): Told {
  return { happened: say("wrong", { field: labelOf(field) }), means: say("wrong_means"), next: say("wrong_next") };
}

interface Editing extends OfCustomer {
  readonly field: FieldDefinition;
  readonly onClose: () => void;
}

function Edit({ customer: now, field, onClose }: Editing): JSX.Element {
  const [customer] = useState(now); // as the person reads it while writing
  const seen = useSeen("customer", customer.id);
  const save = (written: Written): Promise<Told | null> | Told | null => {
    const value = customWritten(field, written);
    if (value === undefined) return wrongNumber(field);
    if (value === (customer.extra[field.key] ?? null)) return null;
    return enter([patch("customer", customer.id, { [`extra.${field.key}`]: value }, seen)], { text: shared("saved") });
  };
  return (
    <Sheet title={say("edit", { field: labelOf(field) })} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <CustomField field={field} value={customer.extra[field.key]} first />
      </Form>
    </Sheet>
  );
}

export function CustomFields({ customer }: OfCustomer): JSX.Element | null {
  const [editing, setEditing] = useState<FieldDefinition | null>(null);
  const fields = fieldsOf("customer");
  if (fields.length === 0) return null;
  return (
    <Section title={say("fields")}>
      <div class="card facts">
        {fields.map((field) => (
          <FactRow
            key={field.id}
            word={labelOf(field)}
            value={customWords(field, customer.extra[field.key])}
            onEdit={() => setEditing(field)}
          />
        ))}
      </div>
      {editing !== null && <Edit customer={customer} field={editing} onClose={() => setEditing(null)} />}
    </Section>
  );
}
