/** The pooled customers on this phone, the nearest first, and the claims that wait. */

import { command, Datum, type PoolCard } from "../../client/src/index.ts";
import { refusedClaim } from "../../shell/claimed.ts";
import { enter } from "../../shell/entering.ts";
import { distance, moment } from "../../shell/format.ts";
import { all, one, phone, remembered } from "../../shell/phone.ts";
import { distanceTo, fix } from "../../shell/position.ts";
import { title, type Told } from "../../shell/problems.ts";
import { claimedNames, openClaims } from "../../shell/names.ts";
import { say } from "./texts.ts";

export interface Listed {
  readonly card: PoolCard;
  /** From the phone to the card's masked place; null when one of both is unknown. */
  readonly awayMm: number | null;
}

export const pooledCards = remembered((): readonly PoolCard[] => all("pool_card").filter(({ pooled }) => pooled));

export function nearest(): Listed[] {
  const listed = pooledCards().map((card) => ({ card, awayMm: away(card) }));
  return listed.sort(
    (left, right) => (left.awayMm ?? Infinity) - (right.awayMm ?? Infinity) || (nameOf(left.card) < nameOf(right.card) ? -1 : 1),
  );
}

/** A card's place is WGS-84 already. */
export const away = ({ latitude_e6, longitude_e6 }: PoolCard): number | null =>
  distanceTo({ wgs_latitude_e6: latitude_e6, wgs_longitude_e6: longitude_e6 });

export const nameOf = (card: PoolCard): string => card.name ?? say("hidden_name");

export function lineOf(card: PoolCard): string {
  return [card.city, card.industry, one("pool", card.pool_id)?.name].filter(Boolean).join(" · ");
}

export const farWords = (awayMm: number | null, card: PoolCard): string =>
  awayMm !== null ? say("about", { far: distance(awayMm) }) : card.latitude_e6 === null ? say("no_place") : "";

export const claiming = remembered((card: PoolCard): boolean => phone.waits("pool_card", card.id));

/** Why the last claim of this card was refused, and from when it can be won; empty where none was. */
export function refusedWords(card: PoolCard): string {
  const item = refusedClaim(card.id);
  if (item === null || (item.retry_at_ms !== null && item.retry_at_ms <= Date.now())) return "";
  const why = title(item.code) ?? title("rule_broken")!;
  return item.retry_at_ms === null ? why : `${why} · ${say("from", { when: moment(item.retry_at_ms) })}`;
}

/** Where the phone is, if the pool asks for it (D-135). */
export function position({ pool_id }: PoolCard): object {
  const here = fix.value;
  if (here === null || (one("pool", pool_id)?.claim_radius_m ?? null) === null) return {};
  const { latitude_e6, longitude_e6, accuracy_mm } = here;
  return { latitude_e6, longitude_e6, datum: Datum.wgs84, accuracy_mm };
}

/** Works without a network: the server says later whose claim was first (D-124). */
export function claim(card: PoolCard): Promise<Told | null> {
  if (card.name !== null) claimedNames.add(card.id, card.name);
  openClaims.add(card.id, nameOf(card));
  return enter([command("pool_card", card.id, { command: "claim", epoch: card.epoch, ...position(card) })], {
    text: say("claimed"),
    open: { text: say("open"), to: `customers/${card.id}` },
  });
}
