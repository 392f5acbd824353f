/** What the person said about the position of visits, and what of a visit may leave the phone (D-471 to D-473). */

import { coarse } from "../../client/src/geo/whereabouts.ts";
import { ConsentAnswer, create, patch, Precision, type Consent, type Visit } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { all, one, phone } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { say } from "./texts.ts";

/** The version of the text of this app. It rises with the meaning of the text: then the app asks anew. */
const ASKED_IN = 1;

export const consent = (): Consent | null => (phone.seat.user_id === "" ? null : one("consent", phone.seat.user_id));

/** The answer to this text; a yes to an older one is none, and a no stays a no. */
export function answer(): ConsentAnswer {
  const known = consent();
  if (known === null) return ConsentAnswer.unknown;
  return known.answer === ConsentAnswer.yes && known.asked_in < ASKED_IN ? ConsentAnswer.unknown : known.answer;
}

export const isAllowed = (): boolean => answer() === ConsentAnswer.yes;

export const isRounded = (): boolean => all("organisation")[0]?.visit_precision === Precision.square;

/** No organisation keeps where visits were for longer (D-474). */
export const DAYS_MOST = 730;

/** For how many days the organisation keeps where visits were; null: this phone does not hold the organisation yet. */
export const keptDays = (): number | null => all("organisation")[0]?.visit_days ?? null;

/** The visit as it may leave the phone. */
export const asAllowed = (visit: Visit): Visit => (isRounded() ? coarse(visit) : visit);

export function give(said: ConsentAnswer): Promise<Told | null> {
  const [user, told] = [phone.seat.user_id, { answer: said, asked_in: ASKED_IN }];
  const edit = consent() === null ? create("consent", { user_id: user, ...told }, user) : patch("consent", user, told);
  return enter([edit], { text: say("saved") });
}
