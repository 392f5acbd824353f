/** The sheet of a card: what it shows, for whom it is held, and the hold itself, which needs the network (D-190). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { PoolCard, PoolHold } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { ChoiceField, Form } from "../../shell/form.tsx";
import { Icon } from "../../shell/icons.tsx";
import { Avatar, Sheet, Trouble } from "../../shell/parts.tsx";
import { online, phone } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { cardOf, endHold, heldWords, holder, holdOf, left, ownHolds, takeHold } from "./held.ts";
import { claiming, lineOf, nameOf } from "./look.ts";
import { say } from "./texts.ts";

const HOURS = [2, 4, 8, 24] as const;
const OFFERED_HOURS = 8;

interface OfSheet {
  readonly card: PoolCard;
  readonly onClose: () => void;
}

function Take({ card, onClose }: OfSheet): JSX.Element {
  const [id] = useState(() => phone.newId()); // the same request again takes no second hold
  return (
    <Form
      onSave={(written) => takeHold(card, id, Number(written.text("hours")))}
      onDone={() => (tell({ text: say("hold_taken", { name: nameOf(card) }) }), onClose())}
      onCancel={onClose}
      saveWord={say("hold")}
      {...(online.value ? {} : { locked: say("hold_needs") })}
    >
      <p class="lead">{say("hold_lead")}</p>
      <ChoiceField
        label={say("hold_for")}
        name="hours"
        choices={HOURS.map((n) => [n, say("hours", { n })] as const)}
        value={OFFERED_HOURS}
      />
    </Form>
  );
}

/** Ends the hold at once; the button says so while it asks. */
export function End({ hold, onEnd }: { readonly hold: PoolHold; readonly onEnd: (told: Told | null) => void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const end = async (): Promise<void> => {
    setBusy(true);
    const wrong = await endHold(hold);
    setBusy(false);
    if (wrong === null) tell({ text: say("hold_ended") });
    onEnd(wrong);
  };
  return (
    <button class="small outlined" disabled={busy || !online.value} onClick={() => void end()}>
      {say("end_hold")}
    </button>
  );
}

export function CardSheet({ card, onClose }: OfSheet): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const [whose, hold] = [holder(card), holdOf(card)];
  const ended = (told: Told | null): void => (setWrong(told), told === null ? onClose() : undefined);
  const closing = (
    <div class="buttons">
      <button onClick={onClose}>{say("close")}</button>
      {hold !== null && <End hold={hold} onEnd={ended} />}
    </div>
  );
  return (
    <Sheet title={nameOf(card)} onClose={onClose}>
      <p class="lead">{lineOf(card)}</p>
      {wrong !== null && <Trouble told={wrong} />}
      {whose !== null && <p class="notice">{heldWords(card)}</p>}
      {whose === "me" && <p class="lead">{say("held_means", { left: left(card.held_until_ms!) })}</p>}
      {whose === "other" && <p class="lead">{say("held_other_means")}</p>}
      {whose === null && !claiming(card) ? <Take card={card} onClose={onClose} /> : closing}
    </Sheet>
  );
}

/** The holds of the user, with what is left of each. */
export function Holds({ onTold }: { readonly onTold: (told: Told | null) => void }): JSX.Element | null {
  const holds = ownHolds();
  if (holds.length === 0) return null;
  return (
    <section>
      <h2>{say("my_holds")}</h2>
      <div class="card list holds">
        {holds.map((hold) => {
          const card = cardOf(hold);
          const name = hold.customer_name ?? say("hidden_name");
          return (
            <div class="row" key={hold.id}>
              <Avatar name={name} city={card?.city ?? ""} />
              <span class="grow">
                <b>{name}</b>
                <small>
                  <Icon name="clock" /> {left(hold.until_ms)}
                </small>
              </span>
              <End hold={hold} onEnd={onTold} />
            </div>
          );
        })}
      </div>
    </section>
  );
}
