/** Why a customer has its tier: what each factor added, to the last point (D-661); and a tier that a manager sets by hand (D-656). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { localDay, type Customer } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { ChoiceField, DayField, Form, TextField, type Written } from "../../shell/form.tsx";
import { dateWord, dayOf, dayWord } from "../../shell/format.ts";
import { Sheet } from "../../shell/parts.tsx";
import { sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { zone } from "../../shell/reclaim.ts";
import { ask, give } from "../../shell/rest.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import { may } from "../may.ts";
import { factorWord, tierWord, valueWord, type Evaluation, type Shown } from "./look.ts";
import { say } from "./texts.ts";

const ROUTE = "GET /v1/desk/customers/{customer_id}/evaluation" as const;
const TIERS = [1, 2, 3] as const;

export function Why({ customer }: OfCustomer): JSX.Element | null {
  return may(ROUTE) ? <Known customer={customer} /> : null;
}

function Known({ customer }: OfCustomer): JSX.Element {
  const [setting, setSetting] = useState(false);
  const heard = useLive(() => ask<Shown>(`/v1/desk/customers/${customer.id}/evaluation`), [customer.id]);
  return (
    <section>
      <h2>{say("why")}</h2>
      <Heard of={heard}>{(shown) => <Result shown={shown} />}</Heard>
      {may("POST /v1/desk/customers/{customer_id}/tier") && (
        <div class="buttons">
          <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setSetting(true)}>
            {say("set")}
          </button>
        </div>
      )}
      {setting && <SetTier customer={customer} shown={heard.value} onClose={() => setSetting(false)} onDone={heard.again} />}
    </section>
  );
}

function Result({ shown }: { readonly shown: Shown }): JSX.Element {
  const [latest, ...before] = shown.history;
  const { set_until_ms, earned_tier, set_reason: reason, next_points, low_periods } = shown;
  const byHand = set_until_ms !== null && { day: dateWord(localDay(set_until_ms, zone())), tier: tierWord(earned_tier), reason };
  return (
    <>
      <p>
        <b>{shown.tier === 0 ? say("no_tier") : say("stands", { tier: tierWord(shown.tier) })}</b>
        {latest !== undefined && latest.points !== null && ` · ${say("points", { n: latest.points })}`}
        {next_points !== null && !byHand && ` · ${say("next", { n: next_points })}`}
      </p>
      {byHand && <p class="notice">{say("by_hand", byHand)}</p>}
      {latest?.provisional && <p class="lead">{say("provisional")}</p>}
      {low_periods > 0 && <p class="notice">{say("low", { n: low_periods })}</p>}
      {latest === undefined ? <p class="lead">{say("no_result")}</p> : <Parts of={latest} />}
      {before.length > 0 && (
        <details>
          <summary>{say("before")}</summary>
          {before.map((one) => (
            <Parts key={one.at_ms} of={one} />
          ))}
        </details>
      )}
    </>
  );
}

function Parts({ of: { at_ms, version, points, tier, parts } }: { readonly of: Evaluation }): JSX.Element {
  return (
    <table class="card evaluation">
      <caption>{[say("version", { n: version, day: dayWord(dayOf(at_ms)) }), tierWord(tier)].join(" · ")}</caption>
      <thead>
        <tr>
          <th scope="col">{say("factor")}</th>
          <th scope="col">{say("value")}</th>
          <th scope="col">{say("adds")}</th>
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => (
          <tr key={part.factor} class={part.value === null ? "none" : ""}>
            <th scope="row">{factorWord(part.factor)}</th>
            <td>{valueWord(part)}</td>
            <td>{part.value === null ? "–" : `${part.points} / ${part.scale}`}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{say("sum")}</th>
          <td />
          <td>{points ?? "–"}</td>
        </tr>
      </tfoot>
    </table>
  );
}

interface SetGiven {
  readonly customer: Customer;
  readonly shown: Shown | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function SetTier({ customer, shown, onClose, onDone }: SetGiven): JSX.Element {
  const isSet = shown?.set_until_ms != null;
  const save = async (written: Written): Promise<Told | null> => {
    const tier = written.number("tier");
    const asked = tier === 0 ? {} : { until_day: written.day("until"), reason: written.text("reason") };
    try {
      await give(`/v1/desk/customers/${customer.id}/tier`, { tier, ...asked });
      await sync();
    } catch (error) {
      return told(error);
    }
    tell({ text: say("set_done") });
    onDone();
    return null;
  };
  const choices = [...TIERS.map((one) => [one, tierWord(one)] as const), ...(isSet ? [[0, say("back")] as const] : [])];
  return (
    <Sheet title={say("set")} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose}>
        <p class="lead">{say("set_means")}</p>
        <ChoiceField label={say("tier")} name="tier" choices={choices} value={shown?.tier || 2} />
        <DayField label={say("until")} name="until" day={isSet ? localDay(shown.set_until_ms!, zone()) : null} />
        <TextField label={say("reason")} name="reason" value={shown?.set_reason ?? ""} />
      </Form>
    </Sheet>
  );
}
