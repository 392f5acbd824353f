/** Whose customer this is, and with whom it is shared. */

import type { JSX } from "preact";
import type { OfCustomer } from "../../shell/feature.ts";
import { dayOf, dayWord } from "../../shell/format.ts";
import { one, signedIn } from "../../shell/phone.ts";
import { Section } from "../../shell/section.tsx";
import { personName } from "../../shell/words.ts";
import { collaboratorsOf, isMine } from "./look.ts";
import { say } from "./texts.ts";

export function Team({ customer }: OfCustomer): JSX.Element {
  const standing = one("standing", customer.id);
  const shares = collaboratorsOf(customer.id);
  const owner = isMine(customer.id) ? (signedIn.value?.name ?? "") : personName(standing?.owner_id);
  return (
    <Section title={say("team")}>
      <dl class="card facts">
        <div>
          <dt>{say("owner")}</dt>
          <dd>{owner || say("nobody")}</dd>
        </div>
        {shares.length > 0 && (
          <div>
            <dt>{say("shared_with")}</dt>
            <dd>
              {shares.map(({ id, user_id, until_ms }) => (
                <span key={id}>
                  {personName(user_id)}
                  {until_ms !== null && <small>{say("until", { day: dayWord(dayOf(until_ms)) })}</small>}
                </span>
              ))}
            </dd>
          </div>
        )}
      </dl>
    </Section>
  );
}
