/** Requests for more time that wait for a decision, and the day on which each customer falls meanwhile. */

import { countdown, ExtensionState, type Extension, type Id } from "../../client/src/index.ts";
import { all } from "../../shell/phone.ts";
import { tierPolicy, zone } from "../../shell/reclaim.ts";
import { askNamed, named } from "../named.ts";

const byAge = (items: readonly Extension[]): readonly Extension[] => [...items].sort((left, right) => left.asked_ms - right.asked_ms);

/** All of the organisation, for an admin. */
export const askWaiting = async (): Promise<readonly Extension[]> =>
  byAge(await askNamed<Extension>(`/v1/desk/extensions?state=${ExtensionState.asked}`));

/** The requests for more time that wait, the oldest first: the desk holds those of the reports. */
export const waitingExtensions = (): readonly Extension[] => byAge(all("extension").filter(({ state }) => state === ExtensionState.asked));

/** The day on which a customer falls into a pool if nothing happens (D-156); null: no rule takes it. */
export function fallsOn(customer: Id): number | null {
  const standing = named(customer)?.standing ?? null;
  if (standing === null) return null;
  const moment = { now_ms: Date.now(), time_zone: zone(), contact_ms: null, visit_ms: null, waits: [], policy: tierPolicy() };
  return countdown(standing, all("reclaim_rule"), moment)?.due_day ?? null;
}
