/** Instructions to a manager's team: given, seen, and decided about. */

import type { Feature } from "../../shell/feature.ts";
import { Instructions } from "./board.tsx";
import { CustomerPiece, InstructCustomer } from "./instruct.tsx";
import { may } from "../may.ts";
import { say } from "./texts.ts";

export const INSTRUCTIONS: Feature = {
  screens: { instructions: Instructions },
  places: [{ order: 35, to: "instructions", icon: "task", word: () => say("instructions"), when: () => may("POST /v1/desk/instructions") }],
  actions: [{ order: 40, View: InstructCustomer }],
  customer: [{ order: 30, View: CustomerPiece }],
  kinds: { instruction: { icon: "task", line: ({ text }) => text, to: ({ id }) => `instructions/${id}` } },
};
