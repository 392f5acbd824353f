/** The evaluation of customers at the desk: why a customer has its tier, and the point model. */

import type { Feature } from "../../shell/feature.ts";
import { may } from "../may.ts";
import { ModelScreen } from "./model.tsx";
import { say } from "./texts.ts";
import { Why } from "./why.tsx";

export const EVALUATION: Feature = {
  screens: { evaluation: ModelScreen },
  places: [{ order: 62, to: "evaluation", icon: "check", word: () => say("model"), when: () => may("GET /v1/desk/evaluation-models") }],
  customer: [{ order: 20, View: Why }],
};
