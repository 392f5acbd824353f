/** Who erased which record for good, and when (D-486). */

import type { JSX } from "preact";
import { ago } from "../../shell/format.ts";
import { ask } from "../../shell/rest.ts";
import { personName, word } from "../../shell/words.ts";
import { Heard, useLive } from "../heard.tsx";
import { Table, type Column } from "../table.tsx";
import { say } from "./texts.ts";

interface Erasure {
  readonly kind: string;
  readonly id: string;
  readonly by_user_id: string;
  readonly at_ms: number;
}

const columns = (): Column<Erasure>[] => [
  { name: "kind", word: say("kind"), value: ({ kind }) => word(kind), width: 180 },
  { name: "by", word: say("by"), value: ({ by_user_id }) => personName(by_user_id) },
  { name: "at", word: say("at"), value: ({ at_ms }) => at_ms, text: ({ at_ms }) => ago(at_ms), kind: "moment", width: 200 },
  { name: "id", word: say("id"), value: ({ id }) => id, wide: true },
];

export function Erasures(): JSX.Element {
  const asked = useLive(async () => (await ask<{ readonly items: readonly Erasure[] }>("/v1/desk/erasures")).items);
  return (
    <>
      <p class="lead">{say("erasures_lead")}</p>
      <Heard of={asked}>
        {(rows) => (
          <Table
            name="erasures"
            words=""
            title={say("erasures")}
            columns={columns()}
            rows={rows}
            keyed={({ id }) => id}
            order={{ name: "at", down: true }}
            empty={say("none")}
          />
        )}
      </Heard>
    </>
  );
}
