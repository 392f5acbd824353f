/** Erasing a person for good: what goes and what stays, in words, and the name typed (D-484, D-487). */

import type { JSX } from "preact";
import { tell } from "../../shell/entering.ts";
import { Form, TextField, type Written } from "../../shell/form.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { told, type Told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { lockedAway } from "../away.tsx";
import type { Person } from "./held.tsx";
import { say } from "./texts.ts";

async function erase({ id, path }: Person, name: string): Promise<Told | null> {
  try {
    await give(`/v1/desk/${path}/${id}/erase`, { name });
    tell({ text: say("erased") });
    return null;
  } catch (error) {
    return told(error);
  }
}

interface Given {
  readonly person: Person;
  readonly onClose: () => void;
  readonly onErased: () => void;
}

export function EraseSheet({ person, onClose, onErased }: Given): JSX.Element {
  const { name } = person;
  const save = (written: Written): Promise<Told | null> | Told => {
    const typed = written.text("name");
    if (typed.trim() !== name.trim())
      return { happened: say("erase_wrong"), means: say("erase_wrong_means"), next: say("erase_wrong_next", { name }) };
    return erase(person, typed);
  };
  return (
    <Sheet title={say("erase_of", { name })} onClose={onClose}>
      <p>{say(person.path === "users" ? "erase_user" : "erase_contact", { name })}</p>
      <p>
        <b>{say("erase_never")}</b>
      </p>
      <Form {...lockedAway()} onSave={save} onDone={onErased} onCancel={onClose} saveWord={say("erase_now")} grave>
        <TextField label={say("erase_type")} name="name" hint={say("erase_hint", { name })} needed first />
      </Form>
    </Sheet>
  );
}
