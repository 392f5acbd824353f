/** The departments as the tree that they are. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Department } from "../../client/src/index.ts";
import { byName, count } from "../../shell/format.ts";
import { Empty } from "../../shell/parts.tsx";
import { pages } from "../../shell/rest.ts";
import { needsServer } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import type { Row } from "../kept/fields.tsx";
import { One, recordOf, type Kind } from "../kept/kept.tsx";
import { choicesOf, fieldHead } from "../words_of.ts";
import { say } from "./texts.ts";
import type { User } from "./users.tsx";

const PATH = "/v1/desk/departments";

interface Node {
  readonly department: Department;
  readonly depth: number;
}

/** Each department behind the one above it. */
function tree(departments: readonly Department[], above: string | null = null, depth = 0): Node[] {
  const known = new Set(departments.map(({ id }) => id));
  const isBelow = ({ parent_id: parent }: Department): boolean => (parent !== null && known.has(parent) ? parent : null) === above;
  return byName(departments.filter(isBelow)).flatMap((department) => [
    { department, depth },
    ...tree(departments, department.id, depth + 1),
  ]);
}

function kindOf(departments: readonly Department[], self: Row | null): Kind {
  const inside = self === null ? [] : tree(departments, self.id).map(({ department }) => department.id);
  const above = tree(departments).filter(({ department: { id } }) => id !== self?.id && !inside.includes(id));
  const named = above.map(({ department, depth }) => ({ id: department.id, name: "　".repeat(depth) + department.name }));
  return {
    title: say("departments"),
    newWord: say("new_department"),
    empty: say("no_departments"),
    path: PATH,
    read: recordOf("department"),
    fields: [
      { name: "name", word: fieldHead("department", "name"), kind: "text", needed: true },
      { name: "parent_id", word: fieldHead("department", "parent_id"), kind: "choice", choices: choicesOf(named, say("top")) },
    ],
  };
}

async function look(): Promise<readonly [Department[], User[]]> {
  return Promise.all([pages<Department>(PATH), pages<User>("/v1/desk/users")]);
}

export function Departments(): JSX.Element {
  const asked = useLive(look);
  const [open, setOpen] = useState<Row | "new" | null>(null);
  const saved = (): void => {
    setOpen(null);
    asked.again();
  };
  return (
    <Heard of={asked}>
      {([departments, users]) => (
        <>
          <div class="tabletools">
            <span class="grow" />
            <button aria-haspopup="dialog" class="primary" {...needsServer()} onClick={() => setOpen("new")}>
              {say("new_department")}
            </button>
          </div>
          {departments.length === 0 && <Empty icon="customers">{say("no_departments")}</Empty>}
          <ul class="card list tree" aria-label={say("departments")}>
            {tree(departments).map(({ department, depth }) => (
              <li key={department.id}>
                <button aria-haspopup="dialog" class="row" style={{ "--depth": String(depth) }} onClick={() => setOpen({ ...department })}>
                  <b class="grow">{department.name}</b>
                  <small>{say("people_in", { n: count(peopleIn(users, department)) })}</small>
                </button>
              </li>
            ))}
          </ul>
          {open !== null && (
            <One
              kind={kindOf(departments, open === "new" ? null : open)}
              row={open === "new" ? null : open}
              onSaved={saved}
              onClose={() => setOpen(null)}
            />
          )}
        </>
      )}
    </Heard>
  );
}

const peopleIn = (users: readonly User[], { id }: Department): number =>
  users.filter((user) => user.active && user["department_id"] === id).length;
