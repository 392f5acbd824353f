/** How push stands, and for each illness what it means and what to do next (D-946). */

import { ask } from "../../shell/rest.ts";
import { say, type DeliveryText } from "./delivery_texts.ts";

export interface Channel {
  readonly channel: "fcm" | "webpush" | "robot" | "log";
  readonly on: boolean;
  readonly targets: number;
  readonly due: number;
  readonly waiting: number;
  readonly sent: number;
  readonly accepted: number;
  readonly failed: number;
  readonly delivered: number;
  readonly seen: number;
  readonly opened: number;
  readonly lag_half_ms: number | null;
  readonly lag_most_ms: number | null;
  readonly breaker: "closed" | "open" | "paused" | "platform";
  readonly since_ms: number | null;
  readonly until_ms: number | null;
  readonly word: string;
}

export interface Dead {
  readonly user_id: string;
  readonly name: string;
  readonly channel: Channel["channel"];
  readonly word: string;
  readonly at_ms: number;
  readonly again: boolean;
}

export interface Health {
  readonly server_ms: number;
  readonly made: number;
  readonly delivered: number;
  readonly seen: number;
  readonly opened: number;
  readonly channels: readonly Channel[];
  readonly dead: readonly Dead[];
}

export const look = (): Promise<Health> => ask<Health>("/v1/desk/push/health");

/** Pushes that wait so long for a worker want one. */
const LATE_MS = 60_000;

export type Illness = "open" | "open_keys" | "open_robot" | "paused" | "platform" | "late" | "waits" | "off" | "well" | "idle";

/** The worst of a way; what the operator of the server must do comes before what passes. */
export function illness(one: Channel): Illness {
  if (one.channel === "log") return "well"; // it takes what nothing else reaches
  if (!one.on) return "off";
  if (one.breaker === "open" && one.channel === "robot") return "open_robot";
  if (one.breaker === "open") return ["forbidden", "unauthenticated", "other_sender"].includes(one.word) ? "open_keys" : "open";
  if (one.breaker !== "closed") return one.breaker;
  if ((one.lag_most_ms ?? 0) > LATE_MS) return "late";
  if (one.due > 0 && one.accepted === 0) return "waits";
  return one.sent === 0 ? "idle" : "well";
}

export const isIll = (found: Illness): boolean => !["well", "idle", "off"].includes(found);

export const channelWord = (channel: Channel["channel"]): string => say(`channel_${channel}`);

/** Why a device is not reached any more. */
export function deathWord(word: string): string {
  return say((["gone", "ended", "invalid"].includes(word) ? `died_${word}` : "died_gone") as DeliveryText);
}
