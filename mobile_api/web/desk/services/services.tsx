/** Business systems that ask with a key: what each may do and until when, and its keys (D-495 to D-498). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { tell } from "../../shell/entering.ts";
import { ChoiceField, Form, today, type Written } from "../../shell/form.tsx";
import { ago, moment } from "../../shell/format.ts";
import { Sheet } from "../../shell/parts.tsx";
import { told, type Told } from "../../shell/problems.ts";
import { ask, give } from "../../shell/rest.ts";
import { capital, word } from "../../shell/words.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { Heard, tick, useLive } from "../heard.tsx";
import type { Row } from "../kept/fields.tsx";
import { Kept, type Kind } from "../kept/kept.tsx";
import { fieldHead } from "../words_of.ts";
import { kindWord } from "../imports/kinds.ts";
import { say } from "./texts.ts";

const PATH = "/v1/desk/service-accounts";
const LIFE_DAYS = 365;

interface Key {
  readonly made_ms: number;
  readonly until_ms: number;
  readonly used_ms: number | null;
}

interface Service extends Row {
  readonly name: string;
  readonly active: boolean;
  readonly keys: readonly Key[];
}

interface Services {
  readonly items: readonly Service[];
  readonly offered: readonly string[];
}

/** A request of the matrix in words, such as "Read: customer". */
function requestWord(route: string): string {
  const [method = "", path = ""] = route.split(" ");
  const parts = path.split("/").filter((part) => !["", "v1", "desk"].includes(part));
  const isImport = parts[0] === "imports";
  const many = (parts[isImport ? 1 : 0] ?? "").replace("-", "_");
  const noun = many.replace(/ies$/, "y").replace(/s$/, "");
  const one = path.endsWith("}");
  const verb = isImport ? "imports" : method === "GET" ? (one ? "reads_one" : "reads") : one ? "changes" : "enters";
  return say(verb, { what: kindWord(many)?.toLowerCase() ?? word(noun).replace(/^The /, "") });
}

async function read(id: string): Promise<Row> {
  return (await ask<Services>(PATH)).items.find((one) => one.id === id) ?? { id };
}

const kindOf = (offered: readonly string[], more: Required<Pick<Kind, "below" | "made">>): Kind => ({
  title: say("services"),
  newWord: say("new_one"),
  empty: say("empty"),
  icon: "lock",
  path: PATH,
  read,
  silent: ["keys"],
  fields: [
    { name: "name", word: fieldHead("organisation", "name"), kind: "text", needed: true, hint: say("name_hint") },
    {
      name: "scope",
      word: say("scope"),
      kind: "several",
      choices: offered.map((route) => [route, capital(requestWord(route))] as const),
      needed: true,
      wide: true,
    },
    { name: "ends_day", word: say("ends"), kind: "day", first: today() + LIFE_DAYS, needed: true, hint: say("ends_hint"), width: 150 },
    { name: "active", word: fieldHead("person", "active"), kind: "yes", first: true, width: 90 },
  ],
  ...more,
});

function Keys({ service, onNew }: { readonly service: Service; readonly onNew: () => void }): JSX.Element {
  return (
    <section>
      <h2>{say("keys")}</h2>
      {service.keys.length === 0 && <p class="lead">{say("no_keys")}</p>}
      <ul class="card list">
        {service.keys.map(({ made_ms, until_ms, used_ms }) => (
          <li class="row" key={made_ms}>
            <span class="grow">
              <b>{say("key_line", { made: moment(made_ms), until: moment(until_ms) })}</b>
              <small>{used_ms === null ? say("unused") : say("used", { when: ago(used_ms) })}</small>
            </span>
          </li>
        ))}
      </ul>
      {service.active && (
        <button aria-haspopup="dialog" type="button" {...needsServer()} onClick={onNew}>
          {say("new_key")}
        </button>
      )}
    </section>
  );
}

/** How long the key before the new one still opens, in hours. */
const OVERLAPS = [
  [24, "in_a_day"],
  [168, "in_a_week"],
  [0, "at_once"],
] as const;

interface Making {
  readonly service: Service;
  readonly onClose: () => void;
}

function KeySheet({ service, onClose }: Making): JSX.Element {
  const [key, setKey] = useState<string | null>(null);
  const make = async (written: Written): Promise<Told | null> => {
    try {
      const hours = written.text("overlap"); // nobody is asked about keys that the screen does not know: the server lets them overlap
      const asked = hours === "" ? {} : { overlap_hours: Number(hours) };
      setKey((await give<{ readonly key: string }>(`${PATH}/${service.id}/keys`, asked)).key);
      tick.value += 1;
      return null;
    } catch (error) {
      return told(error);
    }
  };
  return (
    <Sheet title={say("new_key_of", { name: service.name })} onClose={onClose}>
      {key === null ? (
        <Form {...lockedAway()} onSave={make} onDone={() => undefined} onCancel={onClose} saveWord={say("make")}>
          {service.keys.length > 0 && (
            <>
              <p class="lead">{say("overlap_lead")}</p>
              <ChoiceField label={say("overlap")} name="overlap" choices={OVERLAPS.map(([hours, text]) => [hours, say(text)])} value={24} />
            </>
          )}
        </Form>
      ) : (
        <Once text={key} onClose={onClose} />
      )}
    </Sheet>
  );
}

/** A new key, this once. */
function Once({ text, onClose }: { readonly text: string; readonly onClose: () => void }): JSX.Element {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    tell({ text: say("copied") });
  };
  return (
    <>
      <p class="lead">{say("once_lead")}</p>
      <p class="key">{text}</p>
      <div class="buttons">
        <button type="button" onClick={() => void copy()}>
          {say("copy")}
        </button>
        <button type="button" class="primary" onClick={onClose}>
          {say("done")}
        </button>
      </div>
    </>
  );
}

export function ServiceAccounts(): JSX.Element {
  const asked = useLive(() => ask<Services>(PATH));
  const [next, setNext] = useState<Service | null>(null);
  const below = (row: Row, close: () => void): JSX.Element => {
    const onNew = (): void => {
      close();
      setNext(row as Service);
    };
    return <Keys service={row as Service} onNew={onNew} />;
  };
  return (
    <>
      <Heard of={asked}>{({ offered }) => <Kept kind={kindOf(offered, { below, made: (row) => setNext(row as Service) })} />}</Heard>
      {next !== null && <KeySheet service={next} onClose={() => setNext(null)} />}
    </>
  );
}
