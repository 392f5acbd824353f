/** Visits: checking in, and the screen of each visit. */

import type { JSX } from "preact";
import type { Feature, Shown } from "../../shell/feature.ts";
import { TextField } from "../../shell/form.tsx";
import { isTold } from "../../shell/problems.ts";
import { one } from "../../shell/phone.ts";
import { happenedMs } from "../facts/amend.ts";
import { FactScreen, type Look } from "../facts/fact.tsx";
import { say as ofFact } from "../facts/texts.ts";
import { customFacts, CustomInputs, extraChanges } from "../../shell/fields/form.tsx";
import { CheckIn, CheckOut } from "./checkin.tsx";
import { lateWords, openVisit, placeWords, stayWords, verdictWords, whyWords } from "./look.ts";
import { say } from "./texts.ts";

const NOTE_LETTERS_MAX = 4000;

const LOOK: Look<"visit"> = {
  name: "visit",
  icon: "pin",
  title: () => say("visit"),
  facts: (visit) => [
    [say("purpose"), visit.purpose],
    [say("result"), visit.note],
    [say("place"), placeWords(visit)],
    [say("verdict"), verdictWords(visit)],
    [say("why"), whyWords(visit)],
    [say("stay"), stayWords(visit)],
    [say("late"), lateWords(visit)],
    ...customFacts("visit", visit.extra),
  ],
  actions: ({ first }) => {
    const customer = one("customer", first.customer_id);
    return customer !== null && openVisit(customer.id)?.first.id === first.id && <CheckOut customer={customer} />;
  },
  fields: ({ note, purpose, extra }) => (
    <>
      <TextField label={say("note")} name="note" value={note} most={NOTE_LETTERS_MAX} lines={4} first />
      <TextField label={say("purpose")} name="purpose" value={purpose} />
      <CustomInputs name="visit" extra={extra} />
    </>
  ),
  changed: (written, { extra }) => {
    const own = extraChanges("visit", written, extra);
    return isTold(own) ? own : { note: written.text("note"), purpose: written.text("purpose"), ...own };
  },
};

function Screen({ rest: [id = ""] }: Shown): JSX.Element {
  return <FactScreen look={LOOK} id={id} />;
}

export const VISITS: Feature = {
  screens: { visits: Screen },
  actions: [
    { order: 10, View: CheckIn },
    { order: 11, View: CheckOut },
  ],
  kinds: {
    visit: {
      icon: "pin",
      line: (visit) => {
        if (visit.withdrawn) return ofFact("withdrawn");
        const judged = visit.rev === 0 ? [] : [verdictWords(visit), whyWords(visit)];
        return [visit.purpose, visit.note, ...judged].filter(Boolean).join(" · ") || say("visit");
      },
      atMs: happenedMs,
      to: ({ id }) => `visits/${id}`,
    },
  },
};
