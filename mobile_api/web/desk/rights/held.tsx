/** What the organisation holds about one person, as a file (D-481, D-482). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { tell } from "../../shell/entering.ts";
import { Sheet, Trouble } from "../../shell/parts.tsx";
import { phone } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { saveFile } from "../../shell/sheet.ts";
import { needsServer } from "../away.tsx";
import { EraseSheet } from "./erase.tsx";
import { say } from "./texts.ts";

const ZIP = "application/zip";

/** A user, or a contact of a customer. `path`: where the desk speaks of this person. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly path: "users" | "contacts";
  /** Of a user: an active one is not erased (D-487). */
  readonly active?: boolean;
}

async function save({ id, name, path }: Person): Promise<Told | null> {
  try {
    saveFile(`${name}.zip`, await phone.session.transport.written(`/v1/desk/${path}/${id}/disclosure`), ZIP);
    tell({ text: say("saved") });
    return null;
  } catch (error) {
    return told(error);
  }
}

export function HeldSheet({ person, onClose }: { readonly person: Person; readonly onClose: () => void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Told | null>(null);
  const [erasing, setErasing] = useState(false);
  const write = async (): Promise<void> => {
    setBusy(true);
    setWrong(await save(person));
    setBusy(false);
  };
  return (
    <Sheet title={say("held_of", { name: person.name })} onClose={onClose}>
      <p class="lead">{say("held_lead", { name: person.name })}</p>
      {wrong !== null && <Trouble told={wrong} />}
      <button class="primary wide" {...needsServer(busy)} onClick={() => void write()}>
        {say(busy ? "saving" : "save")}
      </button>
      {person.active === true ? (
        <p class="lead">{say("erase_active")}</p>
      ) : (
        <button aria-haspopup="dialog" class="bare hot wide" {...needsServer()} onClick={() => setErasing(true)}>
          {say("erase")}…
        </button>
      )}
      {erasing && <EraseSheet person={person} onClose={() => setErasing(false)} onErased={onClose} />}
    </Sheet>
  );
}
