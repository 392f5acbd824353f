/** The tags of a customer, and the products in which it is interested: sets to which several phones may add at once. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { adding, distinct, patch, removing, type Customer, type Edit, type SetChange } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { Form, TextField, type Written } from "../../shell/form.tsx";
import { byName } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { all, one, remembered } from "../../shell/phone.ts";
import { Picker } from "../../shell/picker.tsx";
import type { Told } from "../../shell/problems.ts";
import { Section } from "../../shell/section.tsx";
import { say as shared } from "../../shell/texts.ts";
import { say } from "./texts.ts";

type Slot = "tags" | "interests";
const TAG_LETTERS_MAX = 40;
const OFTEN_MAX = 12;

/** The edit that changes one of both sets. */
const change = (customer: Customer, slot: Slot, told: SetChange): Edit =>
  patch("customer", customer.id, slot === "tags" ? { tags: told } : { interests: told });

function add({ customer }: OfCustomer, slot: Slot, element: string): Promise<Told | null> | null {
  if (distinct(customer[slot]).includes(element)) return null;
  return enter([change(customer, slot, adding(element))], { text: shared("saved") });
}

function drop({ customer }: OfCustomer, slot: Slot, element: string, word: string): void {
  const undo = { text: say("back"), act: () => void enter([change(customer, slot, adding(element))], null) };
  void enter([change(customer, slot, removing(customer[slot], element))], { text: say("removed", { word }), undo });
}

/** The tags that this phone's customers bear, the commonest first. */
const oftenUsed = remembered((): readonly string[] => {
  const counted = new Map<string, number>();
  for (const { tags } of all("customer")) for (const tag of distinct(tags)) counted.set(tag, (counted.get(tag) ?? 0) + 1);
  return [...counted].sort((left, right) => right[1] - left[1]).map(([tag]) => tag);
});

interface Words {
  readonly elements: readonly string[];
  readonly word: (element: string) => string;
  readonly onDrop: (element: string) => void;
}

function WordList({ elements, word, onDrop }: Words): JSX.Element | null {
  if (elements.length === 0) return null;
  return (
    <div class="words">
      {elements.map((element) => (
        <button key={element} aria-label={say("remove", { word: word(element) })} onClick={() => onDrop(element)}>
          {word(element)}
          <Icon name="close" />
        </button>
      ))}
    </div>
  );
}

function AddTag({ customer, onClose }: OfCustomer & { readonly onClose: () => void }): JSX.Element {
  const borne = distinct(customer.tags);
  const often = oftenUsed().filter((tag) => !borne.includes(tag));
  const save = (written: Written): Promise<Told | null> | null => {
    const tag = written.text("tag");
    return tag === "" ? null : add({ customer }, "tags", tag);
  };
  const take = (tag: string): void => {
    void add({ customer }, "tags", tag);
    onClose();
  };
  return (
    <Sheet title={say("add_tag")} onClose={onClose}>
      <div class="words">
        {often.slice(0, OFTEN_MAX).map((tag) => (
          <button key={tag} onClick={() => take(tag)}>
            {tag}
          </button>
        ))}
      </div>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <TextField label={say("tag")} name="tag" most={TAG_LETTERS_MAX} first />
      </Form>
    </Sheet>
  );
}

export function Tags({ customer }: OfCustomer): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <Section title={say("tags")} addWord={say("add_tag")} onAdd={() => setOpen(true)}>
      <WordList elements={distinct(customer.tags)} word={(tag) => tag} onDrop={(tag) => drop({ customer }, "tags", tag, tag)} />
      {open && <AddTag customer={customer} onClose={() => setOpen(false)} />}
    </Section>
  );
}

export function Interests({ customer }: OfCustomer): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const interested = distinct(customer.interests);
  const products = all("product").filter((product) => product.active && !interested.includes(product.id));
  const word = (id: string): string => one("product", id)?.name ?? "…";
  if (products.length === 0 && interested.length === 0) return null;
  const take = (id: string): void => {
    void add({ customer }, "interests", id);
    setOpen(false);
  };
  return (
    <Section title={say("interests")} addWord={say("add_interest")} onAdd={() => setOpen(true)}>
      <WordList elements={interested} word={word} onDrop={(id) => drop({ customer }, "interests", id, word(id))} />
      {open && (
        <Picker
          title={say("add_interest")}
          items={byName(products)}
          text={({ name, code }) => `${name} ${code}`}
          keyed={({ id }) => id}
          name={({ name }) => name}
          line={({ code, unit }) => [code, unit].filter(Boolean).join(" · ")}
          onPick={({ id }) => take(id)}
          onClose={() => setOpen(false)}
        />
      )}
    </Section>
  );
}
