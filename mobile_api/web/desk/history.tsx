/** The history of one record by field group: who, when, from what to what; asked when somebody opens it. */

import type { JSX } from "preact";
import type { Id } from "../client/src/index.ts";
import { moment } from "../shell/format.ts";
import { speaker } from "../shell/language.ts";
import { ask } from "../shell/rest.ts";
import { entityNumber, fieldWord, personName, valueWords } from "../shell/words.ts";
import type { EntityName } from "../client/src/index.ts";
import { whatWord } from "./happenings.tsx";
import { Heard, useLive } from "./heard.tsx";

const zh = { history: "历史", nothing: "还没有改动。", system: "系统" } as const;
const en: Record<keyof typeof zh, string> = { history: "History", nothing: "No change yet.", system: "Outrider" };
const say = speaker({ zh, en });
const QUIET = new Set(["wgs_latitude_e6", "wgs_longitude_e6", "author_id", "customer_id", "quote_id", "position"]);

interface Entry {
  readonly rev: number;
  readonly group: string;
  readonly decision: string;
  readonly user_id: Id | null;
  readonly at_ms: number;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

export function History({ name, id }: { readonly name: EntityName; readonly id: Id }): JSX.Element {
  const heard = useLive(() => ask<{ readonly items: readonly Entry[] }>(`/v1/records/${name}/${id}/history`), [id]);
  const entity = entityNumber(name);
  const items = heard.value?.items ?? [];
  return (
    <div>
      <Heard of={heard} />
      {heard.value !== null && items.length === 0 && <p class="lead">{say("nothing")}</p>}
      <ol class="history" aria-label={say("history")}>
        {items.map((entry) => (
          <li key={`${entry.rev} ${entry.group}`}>
            <p>
              <b>{personName(entry.user_id) || say("system")}</b> <span class="chip">{whatWord(entry.decision)}</span>
              <time>{moment(entry.at_ms)}</time>
            </p>
            {Object.keys(entry.after)
              .filter((slot) => !QUIET.has(slot) && !bothEmpty(entry.before[slot], entry.after[slot]))
              .map((slot) => (
                <small key={slot}>
                  {fieldWord(entity, slot)}: {!empty(entry.before[slot]) && <s>{valueWords(entity, slot, entry.before[slot])}</s>}{" "}
                  {valueWords(entity, slot, entry.after[slot])}
                </small>
              ))}
          </li>
        ))}
      </ol>
    </div>
  );
}

const empty = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || value === 0 || (typeof value === "object" && Object.keys(value).length === 0);
const bothEmpty = (before: unknown, after: unknown): boolean => empty(before) && empty(after);
