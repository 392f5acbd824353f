/** What the tier of a customer gives, and what the next one would: a sheet to show to the customer, with nothing internal (D-677). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { contactDueDay, ofTier, Tier, tierAbove, type TierPolicy } from "../../client/src/index.ts";
import type { OfCustomer } from "../feature.ts";
import { today } from "../form.tsx";
import { count, dateWord, money, percent } from "../format.ts";
import { lastContacts } from "../happened.ts";
import { Sheet } from "../parts.tsx";
import { byId } from "../phone.ts";
import { tierPolicy, zone } from "../reclaim.ts";
import { word } from "../words.ts";
import { say } from "./texts.ts";

const rank = (n: number): string => say("rank", { n: count(n) });
const none = "–";

/** Where a policy keeps a benefit → how it reads. */
const ROWS = [
  ["discounts_bps", (n) => (n === 0 ? none : say("up_to", { n: percent(n) }))],
  ["payment_days", (n) => (n === 0 ? say("at_once") : say("days", { n }))],
  ["credit_limits_minor", (n, currency) => (n === 0 ? none : money(n, currency))],
  ["delivery_priorities", rank],
  ["call_priorities", rank],
  ["contact_days", (n) => say("every", { n })],
  ["ticket_hours", (n) => say("within", { n })],
] as const satisfies readonly (readonly [keyof TierPolicy, (n: number, currency: string) => string])[];

const tierWord = (tier: Tier): string => (tier === Tier.unknown ? say("now") : say("tier", { tier: " ABC"[tier]! }));

interface Given {
  readonly policy: TierPolicy;
  readonly tier: Tier;
}

/** A line for each benefit; of the highest tier one column. */
function Benefits({ policy, tier }: Given): JSX.Element {
  const next = tierAbove(tier);
  const tiers = next === null ? [tier] : [tier, next];
  const rows = ROWS.map(([slot, read]) => [word(slot), tiers.map((one) => read(ofTier(policy[slot], one), policy.currency))] as const);
  return (
    <table class="benefits">
      <thead>
        <tr>
          <td />
          {tiers.map((one) => (
            <th key={one} scope="col">
              {tierWord(one)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(
          ([name, words]) =>
            words.some((each) => each !== none) && (
              <tr key={name}>
                <th scope="row">{name}</th>
                {words.map((each, at) => (
                  <td key={at} class={each === words[0] ? "" : "better"}>
                    {each}
                  </td>
                ))}
              </tr>
            ),
        )}
      </tbody>
    </table>
  );
}

/** On a customer's screen: the tier, by when the next contact is due (D-674), and the way to the sheet. */
export function BenefitsLine({ customer }: OfCustomer): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const [policy, standing] = [tierPolicy(), byId("standing").get(customer.id)];
  if (policy === null || standing === undefined) return null;
  const { tier, last_contact_ms: known } = standing;
  const last_contact_ms = Math.max(known ?? 0, lastContacts().get(customer.id) ?? 0);
  const due = contactDueDay({ ...standing, last_contact_ms }, ofTier(policy.contact_days, tier), zone());
  return (
    <section>
      <button class="card row wide" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <b class="grow">{[tier === Tier.unknown ? "" : tierWord(tier), say("benefits")].filter(Boolean).join(" · ")}</b>
        <span class={due < today() ? "chip hot" : "chip"}>{say("contact_by", { day: dateWord(due) })}</span>
      </button>
      {open && (
        <Sheet title={`${customer.name} · ${say("benefits")}`} onClose={() => setOpen(false)}>
          <Benefits policy={policy} tier={tier} />
        </Sheet>
      )}
    </section>
  );
}
