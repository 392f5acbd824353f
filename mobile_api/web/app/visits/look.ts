/** Visits as screens show them: which one is still open, how long it took, and why the server judged it as it did. */

import { reasons } from "../../client/src/geo/verify.ts";
import { Verdict, type Id, type Visit } from "../../client/src/index.ts";
import { distance } from "../../shell/format.ts";
import { entityNumber, valueWords, word } from "../../shell/words.ts";
import { facts, happenedMs, isMine, type Fact } from "../facts/amend.ts";
import { accuracyWords, say } from "./texts.ts";

const OPEN_MS = 12 * 3_600_000;
const MINUTE_MS = 60_000;
/** A visit that came later than this is worth a word; it never counts against anybody (D-214). */
const LATE_MS = 3_600_000;

const versions = ({ first, amendments }: Fact<"visit">): readonly Visit[] => [...amendments, first];

/** The version that says when the rep left: a correction from another device may show without it. */
export const ended = (fact: Fact<"visit">): Visit | null => versions(fact).find(({ left_ms }) => left_ms !== null) ?? null;

/** The newest visit of this person at a customer that may be ended: of today, and not ended yet. */
export function openVisit(customerId: Id): Fact<"visit"> | null {
  const since = Date.now() - OPEN_MS;
  const open = [...new Set(facts("visit").values())].filter(
    (fact) =>
      fact.first.customer_id === customerId &&
      isMine(fact.first) &&
      !fact.shown.withdrawn &&
      happenedMs(fact.first) > since &&
      ended(fact) === null,
  );
  return open.sort((left, right) => happenedMs(right.first) - happenedMs(left.first))[0] ?? null;
}

export function verdictWords(visit: Visit): string {
  if (visit.rev === 0 || visit.verdict === Verdict.unknown) return say("judged_later");
  return valueWords(entityNumber("visit"), "verdict", visit.verdict);
}

export const whyWords = (visit: Visit): string => (visit.rev === 0 ? "" : reasons(visit).map(word).join(" · "));

export function placeWords({ latitude_e6, accuracy_mm, distance_mm, fence_m, forgotten_days }: Visit): string {
  if (forgotten_days !== null) return say(forgotten_days === 0 ? "place_erased" : "place_deleted", { days: String(forgotten_days) });
  if (latitude_e6 === null) return "";
  const away = distance_mm === null ? "" : say("away", { distance: distance(distance_mm) });
  const within = distance_mm === null || fence_m === null ? "" : say("fence", { distance: distance(fence_m * 1000) });
  return [away, accuracyWords(accuracy_mm), within].filter(Boolean).join(" · ");
}

/** How long the rep stayed, and how far from the check-in the visit ended. */
export function stayWords(visit: Visit): string {
  const { left_ms, device_ms, uptime_ms, left_uptime_ms, moved_mm } = visit;
  if (left_ms === null) return "";
  const stayed = uptime_ms !== null && left_uptime_ms !== null ? left_uptime_ms - uptime_ms : left_ms - device_ms;
  const minutes = say("stayed", { minutes: String(Math.max(0, Math.round(stayed / MINUTE_MS))) });
  return [minutes, moved_mm === null ? "" : say("moved", { distance: distance(moved_mm) })].filter(Boolean).join(" · ");
}

export function lateWords({ received_ms, occurred_ms }: Visit): string {
  const late = received_ms - occurred_ms;
  return occurred_ms > 0 && late > LATE_MS ? say("told_late", { hours: String(Math.round(late / LATE_MS)) }) : "";
}
