/** The tier of a customer, the points that lead to the next one, whether it buys, and the owner's own judgement (D-658, D-662). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { command, Tier, type Customer, type Standing as Record } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { FactRow } from "../../shell/fact_row.tsx";
import { ChoiceField, Form, type Written } from "../../shell/form.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { one } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { Section } from "../../shell/section.tsx";
import { say as shared } from "../../shell/texts.ts";
import { capital, entityNumber, fieldWord, valueWords } from "../../shell/words.ts";
import { isMine } from "./look.ts";
import { say } from "./texts.ts";

const RATINGS = [5, 4, 3, 2, 1] as const;
const STANDING = entityNumber("standing");

/** What stands beside the tier: the points, and what leads on. */
function pointsWords({ points, next_points, tier, provisional, tier_set_until_ms }: Record): string[] {
  if (tier_set_until_ms !== null) return [say("tier_by_hand")];
  if (points === null) return [];
  const next = next_points === null ? [] : [say("points_to", { n: next_points, tier: tier === Tier.b ? "A" : "B" })];
  return [say("points", { n: points }), ...next, ...(provisional ? [say("provisional")] : [])];
}

function Rating({ customer, value, onClose }: OfCustomer & { readonly value: number; readonly onClose: () => void }): JSX.Element {
  const save = (written: Written): Promise<Told | null> =>
    enter([command("standing", customer.id, { command: "rate", rating: written.number("rating") })], { text: shared("saved") });
  const choices = [...RATINGS.map((n) => [n, String(n)] as const), [0, say("none")] as const];
  return (
    <Sheet title={say("rating")} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <p class="lead">{say("rating_means")}</p>
        <ChoiceField label={say("rating")} name="rating" choices={choices} value={value} />
      </Form>
    </Sheet>
  );
}

const stars = (n: number): string => "★".repeat(n) + "☆".repeat(5 - n);

export function Standing({ customer }: { readonly customer: Customer }): JSX.Element | null {
  const [rating, setRating] = useState(false);
  const standing = one("standing", customer.id);
  if (standing === null) return null;
  const { tier, lifecycle } = standing;
  return (
    <Section title={say("tier")}>
      <dl class="card facts">
        <div>
          <dt>{say("tier")}</dt>
          <dd>{[tier === Tier.unknown ? say("none") : valueWords(STANDING, "tier", tier), ...pointsWords(standing)].join(" · ")}</dd>
        </div>
        {lifecycle !== 0 && (
          <div>
            <dt>{capital(fieldWord(STANDING, "lifecycle"))}</dt>
            <dd>{valueWords(STANDING, "lifecycle", lifecycle)}</dd>
          </div>
        )}
      </dl>
      {isMine(customer.id) && (
        <div class="card facts">
          <FactRow word={say("rating")} value={standing.rating === 0 ? "" : stars(standing.rating)} onEdit={() => setRating(true)} />
        </div>
      )}
      {rating && <Rating customer={customer} value={standing.rating} onClose={() => setRating(false)} />}
    </Section>
  );
}
