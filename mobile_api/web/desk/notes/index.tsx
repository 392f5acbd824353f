/** Notes to departments, written on this device as every entry is, and how far each reader has come with them. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { create, type TeamNote } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { Feature } from "../../shell/feature.ts";
import { count, moment } from "../../shell/format.ts";
import { Form, SelectField, TextField, type Written } from "../../shell/form.tsx";
import { Avatar, Empty, Sheet, TopBar } from "../../shell/parts.tsx";
import { all, one, phone, remembered, signedIn } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { entityNumber, personName, valueWords } from "../../shell/words.ts";
import { isManager, membersOf, ownDepartments } from "../../shell/team.ts";
import { colon, headed } from "../words_of.ts";
import { say } from "./texts.ts";

const TEXT_LETTERS_MAX = 4_000;
const LEVELS = [4, 3, 2, 1] as const; // of ReceiptLevel, the furthest first

const levelWord = (level: number): string => (level === 0 ? say("level_none") : valueWords(entityNumber("receipt"), "level", level));

interface Reader {
  readonly id: string;
  readonly name: string;
  readonly level: number;
}

/** Everybody to whom a note goes, without its author, the furthest first. */
const readers = remembered((note: TeamNote): readonly Reader[] => {
  const own = all("receipt").filter(({ note_id: id }) => id === note.id);
  const levels = new Map(own.map((told) => [told.user_id, told.level]));
  const to = membersOf(note.department_id).filter(({ id }) => id !== (note.author_id ?? signedIn.value!.user_id));
  return to.map(({ id, name }) => ({ id, name, level: levels.get(id) ?? 0 })).sort((left, right) => right.level - left.level);
});

function Receipts({ note }: { readonly note: TeamNote }): JSX.Element | null {
  const to = readers(note);
  if (to.length === 0) return null;
  const none = to.filter(({ level }) => level === 0).length;
  return (
    <details class="receipts">
      <summary>
        {LEVELS.map((level) => [level, to.filter((reader) => reader.level === level).length] as const)
          .filter(([, n]) => n > 0)
          .map(([level, n]) => (
            <span class={`chip level-${level}`} key={level}>
              {headed(levelWord(level)) + colon() + count(n)}
            </span>
          ))}
        {none > 0 && <span class="chip">{headed(say("none_yet", { n: count(none) }))}</span>}
      </summary>
      <ul class="list" aria-label={say("who")}>
        {to.map(({ id, name, level }) => (
          <li class="row" key={id}>
            <Avatar name={name} />
            <b class="grow">{name}</b>
            <span class={`chip level-${level}`}>{headed(levelWord(level))}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Note({ note, onAmend }: { readonly note: TeamNote; readonly onAmend: (note: TeamNote) => void }): JSX.Element {
  const department = one("department", note.department_id)?.name ?? "…";
  const own = note.author_id === null || note.author_id === signedIn.value!.user_id;
  return (
    <article class="card panel note">
      <header>
        <b>{say("of", { name: department, n: count(membersOf(note.department_id).length) })}</b>
        <small>
          {personName(note.author_id ?? signedIn.value!.user_id)} · {moment(note.device_ms)}
        </small>
        {note.amends_id !== null && <span class="chip">{say("corrects")}</span>}
        {phone.waits("team_note", note.id) && <span class="chip wait">{say("waits")}</span>}
      </header>
      <p class="value">{note.text}</p>
      {own && <Receipts note={note} />}
      {own && (
        <button aria-haspopup="dialog" class="bare" onClick={() => onAmend(note)}>
          {say("amend")}
        </button>
      )}
    </article>
  );
}

interface WriteGiven {
  /** The note that is corrected. */
  readonly amends: TeamNote | null;
  readonly onClose: () => void;
}

function WriteSheet({ amends, onClose }: WriteGiven): JSX.Element {
  const departments = ownDepartments();
  const save = (written: Written): Promise<Told | null> => {
    const about =
      amends === null ? { department_id: written.text("department") } : { department_id: amends.department_id, amends_id: amends.id };
    return enter([create("team_note", { ...about, device_ms: Date.now(), text: written.text("text") })], { text: say("written") });
  };
  return (
    <Sheet title={say(amends === null ? "write" : "amend")} onClose={onClose}>
      {departments.length === 0 ? (
        <Empty icon="notes">{say("no_department")}</Empty>
      ) : (
        <Form onSave={save} onDone={onClose} onCancel={onClose}>
          {amends === null ? (
            <SelectField
              label={say("to")}
              name="department"
              choices={departments.map(({ id, name }) => [id, say("of", { name, n: count(membersOf(id).length) })])}
              value={departments[0]!.id}
            />
          ) : (
            <p class="lead">{say("amend_lead")}</p>
          )}
          <TextField label={say("text")} name="text" value={amends?.text ?? ""} lines={5} most={TEXT_LETTERS_MAX} needed first />
        </Form>
      )}
    </Sheet>
  );
}

const newestFirst = remembered(() => [...all("team_note")].sort((left, right) => right.device_ms - left.device_ms));

function Notes(): JSX.Element {
  const [writing, setWriting] = useState<TeamNote | "new" | null>(null);
  const notes = newestFirst();
  return (
    <>
      <TopBar title={say("notes")} />
      <main class="flush">
        <div class="tabletools">
          <span class="grow" />
          <button aria-haspopup="dialog" class="primary" onClick={() => setWriting("new")}>
            {say("write")}
          </button>
        </div>
        {notes.length === 0 && <Empty icon="notes">{say("no_notes")}</Empty>}
        {notes.map((note) => (
          <Note key={note.id} note={note} onAmend={setWriting} />
        ))}
      </main>
      {writing !== null && <WriteSheet amends={writing === "new" ? null : writing} onClose={() => setWriting(null)} />}
    </>
  );
}

export const NOTES: Feature = {
  screens: { notes: Notes },
  places: [{ order: 37, to: "notes", icon: "notes", word: () => say("notes"), when: isManager }],
};
