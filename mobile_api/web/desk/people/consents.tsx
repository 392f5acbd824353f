/** Who agreed that visits bear a position, who did not, and who was not asked yet (D-471). */

import type { JSX } from "preact";
import type { Consent } from "../../client/src/index.ts";
import { ago } from "../../shell/format.ts";
import { pages } from "../../shell/rest.ts";
import { Heard, useLive } from "../heard.tsx";
import { Table, type Column } from "../table.tsx";
import { say, type ConsentText } from "./consents_texts.ts";
import type { User } from "./users.tsx";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly answer: ConsentText;
  readonly received_ms: number | null;
}

const ANSWERS: readonly ConsentText[] = ["unknown", "yes", "no"];

async function look(): Promise<Row[]> {
  const [users, consents] = await Promise.all([pages<User>("/v1/desk/users"), pages<Consent>("/v1/desk/consents")]);
  const said = new Map(consents.map((one) => [one.user_id as string, one]));
  const active = users.filter((user) => user.active);
  return active.map(({ id, name }) => {
    const known = said.get(id);
    return { id, name, answer: ANSWERS[known?.answer ?? 0] ?? "unknown", received_ms: known?.received_ms ?? null };
  });
}

const whenText = ({ received_ms }: Row): string => (received_ms === null ? "" : ago(received_ms));

const columns = (): Column<Row>[] => [
  { name: "name", word: say("user"), value: ({ name }) => name },
  { name: "answer", word: say("answer"), value: ({ answer }) => say(answer), width: 200 },
  { name: "when", word: say("when"), value: ({ received_ms }) => received_ms ?? 0, text: whenText, kind: "moment", width: 200 },
];

export function Consents(): JSX.Element {
  const asked = useLive(look);
  return (
    <>
      <p class="lead">{say("lead")}</p>
      <Heard of={asked}>
        {(rows) => (
          <Table
            name="consents"
            words=""
            title={say("consents")}
            columns={columns()}
            rows={rows}
            keyed={({ id }) => id}
            order={{ name: "name", down: false }}
            empty={say("nobody")}
          />
        )}
      </Heard>
    </>
  );
}
