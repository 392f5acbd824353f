/** On a customer's screen: its lock, the newest request for more time with what became of it, and the way to ask (D-160, D-161). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { create, ExtensionState, localDay, type Extension, type Id, type Standing } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { DayField, Form, TextField, today, type Written } from "../../shell/form.tsx";
import { dateWord } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { all, one, signedIn } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { ruleNow, spares, zone } from "../../shell/reclaim.ts";
import { personName } from "../../shell/words.ts";
import { say } from "./texts.ts";

/** How far ahead the server takes a day (D-161), and the one that the form offers. */
const DAYS_MAX = 90;
const OFFERED_DAYS = 30;

/** The newest request of the customer's owner; one that is not sent yet is the newest. */
function newest(customer: Id, standing: Standing): Extension | null {
  const askedMs = ({ rev, asked_ms }: Extension): number => (rev === 0 ? Infinity : asked_ms);
  const own = all("extension").filter((each) => each.customer_id === customer && (each.rev === 0 || each.author_id === standing.owner_id));
  return own.reduce<Extension | null>((last, each) => (last === null || askedMs(each) >= askedMs(last) ? each : last), null);
}

const isWaiting = ({ state }: Extension): boolean => state === ExtensionState.asked;

function stateWords({ rev, state, until_day, granted_until_day }: Extension): string {
  if (rev === 0) return say("unsent", { day: dateWord(until_day) });
  if (state === ExtensionState.granted)
    return say(spares("extended") ? "granted" : "granted_in_vain", { day: dateWord(granted_until_day ?? until_day) });
  if (state === ExtensionState.refused) return say("refused");
  return say(state === ExtensionState.lapsed ? "lapsed" : "asked", { day: dateWord(until_day) });
}

function AskSheet({ customer, onClose }: OfCustomer & { readonly onClose: () => void }): JSX.Element {
  const save = (written: Written): Promise<Told | null> | Told => {
    const [until_day, reason] = [written.day("until"), written.text("reason")];
    if (until_day === null || until_day <= today() || until_day > today() + DAYS_MAX)
      return { happened: say("wrong_day"), means: say("wrong_day_means", { n: DAYS_MAX }), next: say("wrong_day_next") };
    if (reason === "") return { happened: say("no_reason"), means: say("no_reason_means"), next: say("no_reason_next") };
    return enter([create("extension", { customer_id: customer.id, until_day, reason })], { text: say("entered") });
  };
  return (
    <Sheet title={say("ask")} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose} saveWord={say("send")}>
        <p class="lead">{say("means")}</p>
        <DayField label={say("until_field")} name="until" day={today() + OFFERED_DAYS} />
        <TextField label={say("reason")} name="reason" lines={3} needed />
      </Form>
    </Sheet>
  );
}

function Request({ request }: { readonly request: Extension }): JSX.Element {
  return (
    <div class="row">
      <Icon name="clock" />
      <span class="grow">
        <b>{stateWords(request)}</b>
        <small>{[request.reason, request.reply && say("reply", { reply: request.reply })].filter(Boolean).join(" · ")}</small>
      </span>
    </div>
  );
}

/** Why nobody asks for more time here; null: the person may. Empty where a request waits, which says so itself. */
function whyNot({ owner_id }: Standing, request: Extension | null): string | null {
  if (ruleNow() === null) return say("no_rule");
  if (owner_id !== signedIn.value?.user_id) return say("owner_asks", { name: personName(owner_id) });
  if (!spares("extended")) return say("rule_grants_none");
  return request !== null && isWaiting(request) ? "" : null;
}

export function MoreTime({ customer }: OfCustomer): JSX.Element | null {
  const [asking, setAsking] = useState(false);
  const standing = one("standing", customer.id);
  if (standing === null || standing.owner_id === null) return null;
  const request = newest(customer.id, standing);
  const lockedMs = (standing.locked_until_ms ?? 0) > Date.now() ? standing.locked_until_ms : null;
  const alone = (standing.undisturbed_until_day ?? 0) > localDay(Date.now(), zone()) ? standing.undisturbed_until_day : null;
  const why = whyNot(standing, request);
  return (
    <section>
      <div class="card list more-time">
        {lockedMs !== null && (
          <div class="row">
            <Icon name="check" />
            <span class="grow">
              <b>{say(spares("locked") ? "locked" : "locked_in_vain", { day: dateWord(localDay(lockedMs, zone())) })}</b>
              <small>{standing.lock_reason}</small>
            </span>
          </div>
        )}
        {alone !== null && (
          <div class="row">
            <Icon name="clock" />
            <b class="grow">{say("alone", { day: dateWord(alone) })}</b>
          </div>
        )}
        {request !== null && <Request request={request} />}
        {why !== null && why !== "" && <p class="nothing">{why}</p>}
        {why === null && (
          <button aria-haspopup="dialog" class="row" onClick={() => setAsking(true)}>
            <Icon name="plus" />
            <span class="grow">{say("ask")}</span>
          </button>
        )}
      </div>
      {asking && <AskSheet customer={customer} onClose={() => setAsking(false)} />}
    </section>
  );
}
