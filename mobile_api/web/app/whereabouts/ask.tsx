/** The question whether visits may bear the person's position, in words, and the screen where the person changes the answer. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ConsentAnswer } from "../../client/src/index.ts";
import { ago } from "../../shell/format.ts";
import { TopBar, Trouble } from "../../shell/parts.tsx";
import type { Told } from "../../shell/problems.ts";
import { answer, consent, DAYS_MOST, give, isRounded, keptDays } from "./answer.ts";
import { say } from "./texts.ts";

export function Ask(): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const [said, days] = [answer(), keptDays()];
  const button = (one: ConsentAnswer, word: "yes" | "no"): JSX.Element => (
    <button type="button" aria-pressed={said === one} onClick={() => void give(one).then(setWrong)}>
      {say(word)}
    </button>
  );
  return (
    <div class="consent" role="group" aria-label={say("question")}>
      <b>{say("question")}</b>
      <p>{say("purpose")}</p>
      <p>{say("readers")}</p>
      <p>{days === null ? say("kept_at_most", { days: DAYS_MOST }) : say("kept", { days })}</p>
      {isRounded() && <p>{say("rounded")}</p>}
      <p>{say("free")}</p>
      {wrong !== null && <Trouble told={wrong} />}
      <div class="segmented">
        {button(ConsentAnswer.yes, "yes")}
        {button(ConsentAnswer.no, "no")}
      </div>
    </div>
  );
}

export function WhereaboutsScreen(): JSX.Element {
  const known = consent();
  const now = { [ConsentAnswer.unknown]: "unknown_now", [ConsentAnswer.yes]: "yes_now", [ConsentAnswer.no]: "no_now" } as const;
  return (
    <>
      <TopBar title={say("title")} before="me" />
      <main>
        <section>
          <p class="consent-now" role="status">
            <b>{say(now[answer()])}</b>{" "}
            {known !== null && <small>{known.rev === 0 ? say("waits") : say("since", { when: ago(known.received_ms) })}</small>}
          </p>
          <Ask />
        </section>
        <p class="lead">{say("others")}</p>
      </main>
    </>
  );
}
