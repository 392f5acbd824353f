/** Instructions of managers, and the rep's answers to them. */

import type { Feature } from "../../shell/feature.ts";
import { CustomerPiece, Instructions, TodayPiece } from "./instructions.tsx";
import { fresh } from "./look.ts";
import { say } from "./texts.ts";

export const INSTRUCTIONS: Feature = {
  screens: { instructions: Instructions },
  more: [{ order: 15, to: "instructions", icon: "task", word: () => say("instructions"), badge: () => fresh().length }],
  today: [{ order: 10, View: TodayPiece }],
  customer: [{ order: 5, View: CustomerPiece }],
  kinds: { instruction: { icon: "task", line: ({ text }) => text, atMs: ({ sent_ms }) => sent_ms, to: ({ id }) => `instructions/${id}` } },
};
