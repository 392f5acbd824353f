/** The users of the organisation: made, changed, given a code, and what a leaver holds handed over. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Role, type Department } from "../../client/src/index.ts";
import type { Shown } from "../../shell/feature.ts";
import { pages } from "../../shell/rest.ts";
import { needsServer } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import type { Choices, Row } from "../kept/fields.tsx";
import { Kept, type Kind } from "../kept/kept.tsx";
import { HeldSheet } from "../rights/held.tsx";
import { say as sayOfRights } from "../rights/texts.ts";
import { choicesOf, fieldHead, valuesIn } from "../words_of.ts";
import { CodeSheet } from "./code.tsx";
import { HandOver } from "./hand_over.tsx";
import { say } from "./texts.ts";

const PATH = "/v1/desk/users";
/** A business system is no user: it has a part of its own. */
const roles = (): Choices => valuesIn("person.role").filter(([role]) => role !== String(Role.service));
const LANGUAGES = [["zh", "中文"], ["en", "English"]] as const; // prettier-ignore

/** A user as the admin sees the user. */
export interface User extends Row {
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly active: boolean;
  readonly has_password: boolean;
}

async function read(id: string): Promise<Row> {
  const found = (await pages<User>(PATH)).find((user) => user.id === id);
  return found ?? { id };
}

function kindOf(departments: readonly Department[], more: Required<Pick<Kind, "below" | "made">>): Kind {
  const head = (slot: string): string => fieldHead("person", slot);
  return {
    title: say("users"),
    newWord: say("new_user"),
    empty: say("no_users"),
    icon: "me",
    path: PATH,
    read,
    silent: ["has_password"],
    fields: [
      { name: "name", word: head("name"), kind: "text", needed: true },
      { name: "login", word: say("login"), kind: "text", needed: true, hint: say("login_hint"), width: 170 },
      { name: "role", word: head("role"), kind: "numbers", choices: roles(), first: String(Role.rep), width: 130 },
      {
        name: "department_id",
        word: head("department_id"),
        kind: "choice",
        choices: choicesOf(departments, say("no_department")),
        wide: true,
      },
      { name: "language", word: say("language"), kind: "choice", choices: LANGUAGES, first: "zh", width: 130, wide: true },
      { name: "active", word: head("active"), kind: "yes", first: true, width: 90, wide: true },
      { name: "password", word: say("password"), kind: "secret", hint: say("password_hint"), apart: true },
    ],
    ...more,
  };
}

type Next = { readonly what: "code" | "hand_over" | "held"; readonly user: User };

export function Users({ rest: [which] }: Shown): JSX.Element {
  const words = which === "no_department" ? say("no_department") : "";
  const asked = useLive(() => pages<Department>("/v1/desk/departments"));
  const [next, setNext] = useState<Next | null>(null);
  /** Whoever has no password cannot come in without a code: it is shown at once. */
  const made = (row: Row): void => {
    const user = row as User;
    if (user.active && !user.has_password) setNext({ what: "code", user });
  };
  const below = (row: Row, close: () => void): JSX.Element => {
    const then = (what: Next["what"]) => (): void => {
      close();
      setNext({ what, user: row as User });
    };
    return (
      <div class="buttons apart">
        {row["active"] === true && (
          <button aria-haspopup="dialog" type="button" {...needsServer()} onClick={then("code")}>
            {say("give_code")}
          </button>
        )}
        <button aria-haspopup="dialog" type="button" {...needsServer()} onClick={then("hand_over")}>
          {say("hand_over")}
        </button>
        <button aria-haspopup="dialog" type="button" {...needsServer()} onClick={then("held")}>
          {sayOfRights("held")}
        </button>
      </div>
    );
  };
  return (
    <>
      <Heard of={asked}>{(departments) => <Kept kind={kindOf(departments, { below, made })} words={words} />}</Heard>
      {next?.what === "code" && <CodeSheet user={next.user} onClose={() => setNext(null)} />}
      {next?.what === "hand_over" && <HandOver user={next.user} onClose={() => setNext(null)} />}
      {next?.what === "held" && <HeldSheet person={{ ...next.user, path: "users" }} onClose={() => setNext(null)} />}
    </>
  );
}
