/** Team notes: reading one says so, acknowledging and finishing are one touch, and a department is written to. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { command, create, type ReceiptLevel, type TeamNote } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { ago } from "../../shell/format.ts";
import { Form, SelectField, TextField } from "../../shell/form.tsx";
import { Icon } from "../../shell/icons.tsx";
import { Avatar, Empty, Sheet, TopBar, Trouble } from "../../shell/parts.tsx";
import { one, phone } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { ownDepartments } from "../../shell/team.ts";
import { personName, word } from "../../shell/words.ts";
import { corrected, isMine, levelOf, notes, receiptsOf, unread } from "./look.ts";
import { say } from "./texts.ts";

const LETTERS_MAX = 4_000;
const LEVELS: readonly string[] = ["unknown", "delivered", "read", "acknowledged", "done"];
const [READ, ACKNOWLEDGED, DONE] = [2, 3, 4] as const;

function receipt(note: TeamNote, level: ReceiptLevel): Promise<Told | null> {
  return enter([command("team_note", note.id, { command: "receipt", level })], level === READ ? null : { text: say("said") });
}

interface Writing {
  readonly amended: TeamNote | null;
  readonly onClose: () => void;
}

function Write({ amended, onClose }: Writing): JSX.Element {
  const departments = ownDepartments();
  const save = (text: string, department_id: string): Promise<Told | null> =>
    enter([create("team_note", { department_id, device_ms: Date.now(), text, amends_id: amended?.id ?? null })], { text: say("sent") });
  return (
    <Sheet title={say(amended === null ? "write" : "correct")} onClose={onClose}>
      <Form
        onSave={(written) => save(written.text("text"), amended?.department_id ?? written.text("to"))}
        onDone={onClose}
        onCancel={onClose}
        saveWord={say("send")}
      >
        {amended === null && (
          <SelectField
            label={say("to")}
            name="to"
            choices={departments.map(({ id, name }) => [id, name] as const)}
            value={departments[0]!.id}
          />
        )}
        <TextField label={say("text")} name="text" value={amended?.text ?? ""} most={LETTERS_MAX} lines={6} needed first />
      </Form>
    </Sheet>
  );
}

function Receipts({ note }: { readonly note: TeamNote }): JSX.Element | null {
  const told = receiptsOf(note).filter(({ user_id }) => user_id !== phone.seat.user_id);
  if (told.length === 0) return null;
  return (
    <details class="receipts">
      <summary>{say("who", { n: told.length })}</summary>
      <ul>
        {told.map(({ id, user_id, level, at_ms }) => (
          <li key={id}>
            {personName(user_id)} · {word(LEVELS[level] ?? "read")} · {ago(at_ms)}
          </li>
        ))}
      </ul>
    </details>
  );
}

interface Shown {
  readonly note: TeamNote;
  readonly fresh: boolean;
  readonly onCorrect: () => void;
}

function Note({ note, fresh, onCorrect }: Shown): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const [level, mine, old] = [levelOf(note), isMine(note), corrected(note)];
  const author = personName(note.author_id ?? phone.seat.user_id);
  const where = one("department", note.department_id)?.name ?? "";
  return (
    <article class="card note">
      <header>
        <Avatar name={author} />
        <span class="grow">
          <b>{author}</b>
          <small>{[where, ago(note.device_ms), note.amends_id === null ? "" : say("amends")].filter(Boolean).join(" · ")}</small>
        </span>
        {fresh && <span class="chip late">{say("unread")}</span>}
        {old && <span class="chip">{say("corrected")}</span>}
        {!old && level >= ACKNOWLEDGED && <span class="chip good">{say(level >= DONE ? "done" : "acknowledged")}</span>}
        {phone.waits("team_note", note.id) && mine && <span class="chip wait">{say("waits")}</span>}
      </header>
      <p class={old ? "body old" : "body"}>{note.text}</p>
      {wrong !== null && <Trouble told={wrong} />}
      {mine && <Receipts note={note} />}
      <div class="buttons">
        {!mine && !old && level < ACKNOWLEDGED && (
          <button class="primary" onClick={() => void receipt(note, ACKNOWLEDGED).then(setWrong)}>
            {say("acknowledge")}
          </button>
        )}
        {!mine && !old && level < DONE && <button onClick={() => void receipt(note, DONE).then(setWrong)}>{say("finish")}</button>}
        {mine && !old && note.author_id !== null && (
          <button aria-haspopup="dialog" class="bare" onClick={onCorrect}>
            {say("correct")}
          </button>
        )}
      </div>
    </article>
  );
}

/** What is unread when the screen opens, or comes while it is open, stays marked there, and is read from then on. */
function useRead(): ReadonlySet<string> {
  const fresh = useRef(new Set<string>()).current;
  const now = unread();
  for (const { id } of now) fresh.add(id);
  useEffect(() => {
    for (const note of now) void receipt(note, READ);
  }, [now.length]);
  return fresh;
}

export function Notes(): JSX.Element {
  const fresh = useRead();
  const [writing, setWriting] = useState<TeamNote | "new" | null>(null);
  const shown = notes();
  return (
    <>
      <TopBar title={say("notes")} before="me" />
      <main>
        {ownDepartments().length > 0 && (
          <button aria-haspopup="dialog" class="wide" onClick={() => setWriting("new")}>
            <Icon name="plus" /> {say("write")}
          </button>
        )}
        {shown.length === 0 && <Empty icon="notes">{say("empty")}</Empty>}
        <div class="notes">
          {shown.map((note) => (
            <Note key={note.id} note={note} fresh={fresh.has(note.id)} onCorrect={() => setWriting(note)} />
          ))}
        </div>
        {writing !== null && <Write amended={writing === "new" ? null : writing} onClose={() => setWriting(null)} />}
      </main>
    </>
  );
}
