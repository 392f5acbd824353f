/** The countdown of a customer that may fall: on its screen, in lists, and on the first screen of the day. */

import type { JSX } from "preact";
import { ReclaimBasis, type Countdown } from "../../client/src/index.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { count, dateWord, moment } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { href } from "../../shell/router.ts";
import { ALL, wanted } from "../customers/look.ts";
import { CustomerLine } from "../today/today.tsx";
import { countdownOf, falling, toneOf } from "./look.ts";
import { say } from "./texts.ts";

const SHOWN_MAX = 8;

const WORDS = new Map(
  (["locked", "extended", "quote"] as const).map((name) => [name as string, (when: string): string => say(name, { when })]),
);

function whenWords({ days, due_day }: Countdown): string {
  return days === 0 ? say("any_hour") : `${say("days_left", { n: days })} · ${say("falls_on", { day: dateWord(due_day) })}`;
}

const dayOrNow = ({ days, due_day }: Countdown): string => (days === 0 ? say("any_hour") : dateWord(due_day));

/** What keeps the customer now. */
function keptWords({ kept_by, kept_until_ms }: Countdown): string {
  return WORDS.get(kept_by)?.(kept_until_ms === null ? "" : moment(kept_until_ms)) ?? "";
}

/** What keeps the customer now, and what would. */
function keepsWords(counted: Countdown): string[] {
  return [keptWords(counted), counted.judged_later ? say("judged_later") : wouldKeep(counted)].filter(Boolean);
}

function wouldKeep({ basis, due_day, touched_day }: Countdown): string {
  if (touched_day === null) return say("by_nothing");
  return touched_day <= due_day ? "" : say(basis === ReclaimBasis.visit ? "by_visit" : "by_contact", { day: dateWord(touched_day) });
}

/** On a customer's screen. Who asks for more time finds the way beside it. */
export function CountdownLine({ customer }: OfCustomer): JSX.Element | null {
  const counted = countdownOf(customer.id);
  if (counted === null) return null;
  return (
    <section class={`card countdown ${toneOf(counted)}`}>
      <Icon name="clock" />
      <span class="grow">
        <b>{whenWords(counted)}</b>
        {keepsWords(counted).map((word) => (
          <small key={word}>{word}</small>
        ))}
      </span>
    </section>
  );
}

/** The days that are left, beside a customer in a list. */
export function DaysLeft({ counted }: { readonly counted: Countdown }): JSX.Element {
  const { days } = counted;
  return (
    <span class={`chip ${toneOf(counted)}`}>
      <Icon name="clock" />
      {days === 0 ? say("short_now") : say("short", { n: days })}
    </span>
  );
}

/** On the first screen of the day: the own customers that are about to fall; nothing where there is none. */
export function FallingPiece(): JSX.Element | null {
  const found = falling();
  if (found.length === 0) return null;
  return (
    <section>
      <h2>{say("falling")}</h2>
      <div class="card list">
        {found.slice(0, SHOWN_MAX).map(({ id, counted }) => (
          <CustomerLine key={id} customerId={id} line={keptWords(counted) || dayOrNow(counted)}>
            <DaysLeft counted={counted} />
          </CustomerLine>
        ))}
        {found.length > SHOWN_MAX && (
          <a class="row more" href={href("customers")} onClick={() => void (wanted.value = { ...ALL, falling: true })}>
            {say("all_falling", { n: count(found.length) })}
          </a>
        )}
      </div>
    </section>
  );
}
