/** "Edit, then use": the author's values of a card once more, to correct them before they are entered. */

import type { JSX } from "preact";
import { Kind, type InboxItem, type Member, type Values } from "../../client/src/index.ts";
import { BY_NUMBER } from "../../client/src/sync/entity.ts";
import { DayField, Form, SelectField, TextField, type Written } from "../form.tsx";
import { Sheet } from "../parts.tsx";
import { fieldWord, valuesOf, word } from "../words.ts";
import { decide } from "./decide.ts";
import { differences } from "./look.ts";
import { say } from "./texts.ts";

const LONG = 200;

interface Editable {
  readonly at: number;
  readonly member: Member;
  readonly slot: string;
  readonly name: string;
}

/** Texts, days and choices of what differs; other values are entered as they were. */
export function editable(item: InboxItem): readonly Editable[] {
  return item.members.flatMap((member, at) =>
    member.kind === Kind.command || member.kind === Kind.delete
      ? []
      : differences(member)
          .filter(({ slot }) => isText(member, slot) || isDay(member, slot) || choicesOf(member, slot) !== undefined)
          .map(({ slot }) => ({ at, member, slot, name: `${at}.${slot}` })),
  );
}

/** A birthday is a text that its own form writes: here it is entered as it was. */
const isText = ({ mine }: Member, slot: string): boolean => typeof mine[slot] === "string" && !slot.endsWith("_id") && slot !== "birthday";
const isDay = ({ mine }: Member, slot: string): boolean => slot.endsWith("_day") && typeof mine[slot] === "number";

function choicesOf(member: Member, slot: string): readonly (readonly [number, string])[] | undefined {
  const names = valuesOf(member.entity, slot);
  if (names === undefined || typeof member.mine[slot] !== "number") return undefined;
  return [...names].flatMap(([value, name]) => (name === "unknown" ? [] : [[value, word(name)] as const]));
}

/** How long a text may be, by the schema. */
function mostLetters(member: Member, slot: string): number {
  const shape = BY_NUMBER.get(member.entity)?.byName.get(slot)?.[2];
  return shape?.[0] === "str" ? Number(shape[2]) : LONG;
}

function Field({ one: { member, slot, name }, first }: { readonly one: Editable; readonly first: boolean }): JSX.Element {
  const label = fieldWord(member.entity, slot);
  const value = member.mine[slot];
  const choices = choicesOf(member, slot);
  if (choices !== undefined) return <SelectField label={label} name={name} choices={choices} value={value as number} />;
  if (isDay(member, slot)) return <DayField label={label} name={name} day={value as number} />;
  const most = mostLetters(member, slot);
  return <TextField label={label} name={name} value={String(value)} most={most} lines={most > LONG ? 4 : 1} first={first} />;
}

function rewritten(item: InboxItem, written: Written): InboxItem {
  const changes = new Map<number, Values>();
  for (const { at, member, slot, name } of editable(item)) {
    const value = isDay(member, slot)
      ? (written.day(name) ?? member.mine[slot])
      : isText(member, slot)
        ? written.text(name)
        : written.number(name);
    changes.set(at, { ...(changes.get(at) ?? member.mine), [slot]: value });
  }
  return { ...item, members: item.members.map((one, at) => ({ ...one, mine: changes.get(at) ?? one.mine })) };
}

export function EditMine({ item, onClose }: { readonly item: InboxItem; readonly onClose: () => void }): JSX.Element {
  return (
    <Sheet title={say("edit_title")} onClose={onClose}>
      <Form
        onSave={(written) => decide(rewritten(item, written), "use_mine")}
        onDone={onClose}
        onCancel={onClose}
        saveWord={say("use_this")}
      >
        {editable(item).map((one, at) => (
          <Field key={one.name} one={one} first={at === 0} />
        ))}
      </Form>
    </Sheet>
  );
}
