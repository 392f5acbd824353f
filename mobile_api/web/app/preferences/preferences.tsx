/** How a customer likes things: add one, change one, delete one. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { create, patch, remove, type Preference } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { Form, TextField, type Written } from "../../shell/form.tsx";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { all } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { Section } from "../../shell/section.tsx";
import { useSeen } from "../../shell/seen.ts";
import { say as shared } from "../../shell/texts.ts";
import { say } from "./texts.ts";

const SUBJECT_LETTERS_MAX = 120;

interface Editing extends OfCustomer {
  /** Null: a new one. */
  readonly preference: Preference | null;
  readonly onClose: () => void;
}

function Edit({ customer, preference, onClose }: Editing): JSX.Element {
  const seen = useSeen("preference", preference?.id);
  const save = (written: Written): Promise<Told | null> | Told | null => {
    const values = { subject: written.text("subject"), wish: written.text("wish") };
    if (values.subject === "") return { happened: say("no_subject"), means: say("no_subject_means"), next: say("no_subject_next") };
    if (preference === null) return enter([create("preference", { customer_id: customer.id, ...values })], { text: shared("saved") });
    if (values.subject === preference.subject && values.wish === preference.wish) return null;
    return enter([patch("preference", preference.id, values, seen)], { text: shared("saved") });
  };
  const drop = (): void => {
    void enter([remove("preference", preference!.id, seen)], { text: say("removed") });
    onClose();
  };
  return (
    <Sheet title={preference === null ? say("add") : say("edit", { subject: preference.subject })} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <TextField
          label={say("subject")}
          name="subject"
          value={preference?.subject ?? ""}
          most={SUBJECT_LETTERS_MAX}
          hint={say("subject_hint")}
          needed
          first
        />
        <TextField label={say("wish")} name="wish" value={preference?.wish ?? ""} />
      </Form>
      {preference !== null && (
        <button class="bare hot wide" onClick={drop}>
          <Icon name="bin" />
          {shared("remove")}
        </button>
      )}
    </Sheet>
  );
}

export function Preferences({ customer }: OfCustomer): JSX.Element {
  const [editing, setEditing] = useState<Preference | "new" | null>(null);
  const own = all("preference").filter((one) => one.customer_id === customer.id);
  return (
    <Section title={say("preferences")} addWord={say("add")} onAdd={() => setEditing("new")}>
      {own.length > 0 && (
        <div class="card list">
          {own.map((one) => (
            <button aria-haspopup="dialog" class="row" key={one.id} onClick={() => setEditing(one)}>
              <span class="grow">
                <b>
                  <span class="unseen">{say("edit", { subject: "" })}</span>
                  {one.subject}
                </b>
                <small>{one.wish}</small>
              </span>
              <Icon name="edit" />
            </button>
          ))}
        </div>
      )}
      {editing !== null && <Edit customer={customer} preference={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
    </Section>
  );
}
