/** Holds on this phone: for whom a card is held, how long still, and how the server is asked for a hold (D-190, D-192). */

import { signal } from "@preact/signals";
import { heldFor, type Id, type PoolCard, type PoolHold } from "../../client/src/index.ts";
import { clock } from "../../shell/format.ts";
import { all, one, phone, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { personName } from "../../shell/words.ts";
import { position } from "./look.ts";
import { say } from "./texts.ts";

const MINUTE_MS = 60_000;
const TICK_MS = 20_000;
/** This device's clock, in steps: it shows what is left, and decides nothing. */
export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), TICK_MS);

export type HeldFor = "me" | "other" | null;

export function holder(card: PoolCard): HeldFor {
  const user = heldFor(card, now.value);
  return user === null ? null : user === phone.seat.user_id ? "me" : "other";
}

/** For whom and until when; empty for nobody. No hold is longer than a day: the time alone says it. */
export function heldWords(card: PoolCard): string {
  const whose = holder(card);
  if (whose === null) return "";
  const when = clock(card.held_until_ms!);
  return whose === "me" ? say("held_for_you", { when }) : say("held_by", { name: personName(card.held_by_id), when });
}

/** Hours and minutes that are left. */
export function left(untilMs: number): string {
  const minutes = Math.max(1, Math.round((untilMs - now.value) / MINUTE_MS));
  return minutes < 60 ? say("left_minutes", { m: minutes }) : say("left_hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** The holds of the user of this phone, the first to end first; a manager's phone has those of the reports too. */
export const ownHolds = (): readonly PoolHold[] =>
  all("pool_hold")
    .filter(({ holder_id, until_ms }) => holder_id === phone.seat.user_id && until_ms > now.value)
    .sort((one, other) => one.until_ms - other.until_ms);

export const holdOf = (card: PoolCard): PoolHold | null => ownHolds().find(({ customer_id }) => customer_id === card.id) ?? null;

export const cardOf = ({ customer_id }: PoolHold): PoolCard | null => one("pool_card", customer_id);

/** Asks the server at once: a hold that it has not confirmed keeps nobody away (D-190). */
export const takeHold = (card: PoolCard, hold_id: Id, hours: number): Promise<Told | null> =>
  asked(() => give(`/v1/pool-cards/${card.id}/hold`, { hold_id, epoch: card.epoch, hours, ...position(card) }));

export const endHold = ({ id }: PoolHold): Promise<Told | null> => asked(() => give(`/v1/pool-holds/${id}/end`, {}));

async function asked(request: () => Promise<unknown>): Promise<Told | null> {
  try {
    await request();
    await sync(true);
    return null;
  } catch (error) {
    return told(error);
  }
}
