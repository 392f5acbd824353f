/** Claims that were decided: said once wherever the person is. One that was won stays in the pool until the customer is opened there. */

import type { JSX } from "preact";
import type { Id, InboxItem } from "../../client/src/index.ts";
import { readMutation } from "../../client/src/wire/envelopes.ts";
import { isClaiming, refusedClaim } from "../../shell/claimed.ts";
import { tell } from "../../shell/entering.ts";
import { openClaims, wonClaims } from "../../shell/names.ts";
import { Avatar } from "../../shell/parts.tsx";
import { one, phone, records } from "../../shell/phone.ts";
import { title } from "../../shell/problems.ts";
import { href } from "../../shell/router.ts";
import { personName } from "../../shell/words.ts";
import { say } from "./texts.ts";

/** Looks after each change of the records. */
export const watchClaims = (): void => void records.subscribe(look);

function look(): void {
  if (phone.signedIn === null) return;
  for (const id of Object.keys(openClaims.all())) {
    if (isWon(id)) tellWon(id, one("customer", id)!.name);
    else if (!isClaiming(id)) tellRefused(id, refusedClaim(id));
  }
}

const isMine = (id: Id): boolean => one("customer", id) !== null && one("standing", id)?.owner_id === phone.seat.user_id;

/** A claim shows as carried out when its answer and the customer are both here. */
const isWon = (id: Id): boolean => isMine(id) && !phone.waits("pool_card", id);

/** Says to whom the customer went, or why it did not come. A claim that was taken back ends without a word. */
function tellRefused(id: Id, card: InboxItem | null): void {
  if (card === null && wasEntered(id)) return; // its card comes with one of the next answers
  const name = openClaims.all()[id]!;
  openClaims.drop(id);
  if (card === null) return;
  const winner = card.members.find((member) => member.id === id)?.their_user_id ?? null;
  const text = winner === null ? say("not_won", { name, why: title(card.code) ?? "" }) : say("lost", { name, who: personName(winner) });
  tell({ text, open: { text: say("open"), to: `customers/${id}` } });
}

const wasEntered = (id: Id): boolean => phone.shelf.pendings().some(({ raw }) => readMutation(raw).id === id);

function tellWon(id: Id, name: string): void {
  openClaims.drop(id);
  wonClaims.add(id, name);
  tell({ text: say("won", { name }), open: { text: say("open"), to: `customers/${id}` } });
}

export function Won(): JSX.Element | null {
  const mine = Object.keys(wonClaims.all()).filter(isMine).reverse();
  if (mine.length === 0) return null;
  return (
    <div class="card list">
      {mine.map((id) => {
        const { name, city } = one("customer", id)!;
        return (
          <a class="row" key={id} href={href(`customers/${id}`)} onClick={() => wonClaims.drop(id)}>
            <Avatar name={name} city={city} />
            <span class="grow">
              <b>{name}</b>
              <small>{city}</small>
            </span>
            <span class="chip good">{say("yours")}</span>
          </a>
        );
      })}
    </div>
  );
}
