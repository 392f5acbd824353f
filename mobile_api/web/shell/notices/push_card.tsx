/** Offering pushes: at the first moment when they are of use, in the app's own words first; and how it stands, among the settings. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { askLater, isTimeToAsk, lookAtPush, pushState, switchOff, switchOn, type PushState } from "./push.ts";
import { say, type NoticeText } from "./texts.ts";

/** Asks once it makes sense; the browser's own question comes only after a "yes" here. */
export function PushCard(): JSX.Element | null {
  if (!isTimeToAsk()) return null;
  return (
    <section class="card push-ask" aria-label={say("push_ask")}>
      <Icon name="bell" />
      <div class="grow">
        <h2>{say("push_ask")}</h2>
        <p>{say("push_lead")}</p>
        <div class="buttons">
          <button onClick={askLater}>{say("push_later")}</button>
          <button class="primary" onClick={() => void switchOn()}>
            {say("push_yes")}
          </button>
        </div>
      </div>
    </section>
  );
}

/** What the person can do about it; null where the browser or the server alone can. */
function Step({ state }: { readonly state: PushState }): JSX.Element | null {
  if (state === "on") return <button onClick={() => void switchOff()}>{say("push_off")}</button>;
  if (state === "unasked" || state === "off" || state === "failed") {
    return (
      <button class={state === "failed" ? "" : "primary"} onClick={() => void switchOn()}>
        {say(state === "failed" ? "push_again" : "push_yes")}
      </button>
    );
  }
  return null;
}

const NEXT: Readonly<Partial<Record<PushState, NoticeText>>> = {
  blocked: "push_blocked_next",
  unsupported: "push_unsupported_next",
  none: "push_none_next",
  failed: "push_failed_next",
};

/** How pushes stand on this device, and what can be done. */
export function PushStatus(): JSX.Element {
  useEffect(() => void lookAtPush(), []);
  const state = pushState.value;
  const next = NEXT[state];
  return (
    <section>
      <h2>{say("push")}</h2>
      <div class="card panel push-state" data-push={state}>
        <p role="status">{say(`push_${state === "off" ? "unasked" : state}`)}</p>
        {next !== undefined && <p class="lead">{say(next)}</p>}
        <Step state={state} />
      </div>
    </section>
  );
}
