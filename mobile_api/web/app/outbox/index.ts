/** The outbox: what this person entered, and what became of it. The mark in the corner leads here. */

import type { Feature } from "../../shell/feature.ts";
import { waiting } from "../../shell/phone.ts";
import { Outbox } from "./outbox.tsx";
import { say } from "./texts.ts";

export const OUTBOX: Feature = {
  screens: { outbox: Outbox },
  more: [{ order: 50, to: "outbox", icon: "outbox", word: () => say("outbox"), badge: () => waiting.value }],
};
