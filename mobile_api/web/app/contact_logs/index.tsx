/** Contacts by phone, mail and message: logging one, and the screen of each. */

import type { JSX } from "preact";
import type { Feature, Shown } from "../../shell/feature.ts";
import { idWords } from "../../shell/words.ts";
import { happenedMs } from "../facts/amend.ts";
import { FactScreen, type Look } from "../facts/fact.tsx";
import { say as ofFact } from "../facts/texts.ts";
import { channelWord, Log, LogFields, logged } from "./log.tsx";
import { say } from "./texts.ts";

const LOOK: Look<"contact_log"> = {
  name: "contact_log",
  icon: "talk",
  title: () => say("contact"),
  facts: ({ channel, contact_id, note }) => [
    [say("channel"), channelWord(channel)],
    [say("person"), contact_id === null ? "" : idWords("contact_id", contact_id)],
    [say("note_short"), note],
  ],
  fields: (shown) => <LogFields customer={shown.customer_id} shown={shown} />,
  changed: logged,
};

function Screen({ rest: [id = ""] }: Shown): JSX.Element {
  return <FactScreen look={LOOK} id={id} />;
}

export const CONTACT_LOGS: Feature = {
  screens: { logs: Screen },
  actions: [{ order: 20, View: Log }],
  kinds: {
    contact_log: {
      icon: "talk",
      line: ({ channel, note, withdrawn }) => (withdrawn ? ofFact("withdrawn") : [channelWord(channel), note].filter(Boolean).join(" · ")),
      atMs: happenedMs,
      to: ({ id }) => `logs/${id}`,
    },
  },
};
