/** Choosing several people by search. What is chosen stands in a hidden field, so that it is kept with the rest of the form. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Person } from "../../client/src/index.ts";
import { count } from "../../shell/format.ts";
import { Avatar, Sheet } from "../../shell/parts.tsx";
import { one } from "../../shell/phone.ts";
import { SearchField } from "../../shell/search.tsx";
import { say as shared } from "../../shell/texts.ts";
import { say } from "./texts.ts";

interface HeldGiven {
  readonly name: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** A value of the form that is chosen elsewhere. A draft that comes back writes it as a person would. */
export function useHeld({ name, value, onValue }: HeldGiven): { readonly field: JSX.Element; readonly choose: (value: string) => void } {
  const held = useRef<HTMLInputElement>(null);
  const choose = (chosen: string): void => {
    held.current!.value = chosen;
    held.current!.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const field = <input type="hidden" name={name} defaultValue={value} ref={held} onInput={(event) => onValue(event.currentTarget.value)} />;
  return { field, choose };
}

interface Given {
  readonly people: readonly Person[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
  readonly onClose: () => void;
}

const departmentName = ({ department_id: id }: Person): string => (id === null ? "" : (one("department", id)?.name ?? ""));

export function PeoplePicker({ people, chosen, onChoose, onClose }: Given): JSX.Element {
  const [wanted, setWanted] = useState("");
  const words = wanted.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  const found = people.filter((person) => {
    const text = `${person.name} ${departmentName(person)}`.normalize("NFKC").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const turn = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <Sheet title={say("add_people")} onClose={onClose}>
      <SearchField word={shared("search")} onWords={setWanted} />
      <div class="list picks">
        {found.map((person) => (
          <label class="row tick" key={person.id}>
            <input type="checkbox" checked={chosen.has(person.id)} onChange={() => turn(person.id)} />
            <Avatar name={person.name} />
            <span class="grow">
              <b>{person.name}</b>
              <small>{departmentName(person)}</small>
            </span>
          </label>
        ))}
        {found.length === 0 && <p class="row">{shared("nothing_found")}</p>}
      </div>
      <button type="button" class="primary wide" onClick={onClose}>
        {say("people_chosen", { n: count(chosen.size) })}
      </button>
    </Sheet>
  );
}
