/** Places that visits propose, by `placings`. */

import type { Feature } from "../../shell/feature.ts";
import { Placings } from "./placings.tsx";
import { may } from "../may.ts";
import { say } from "./texts.ts";

export const PLACINGS: Feature = {
  screens: { placings: Placings },
  places: [{ order: 42, to: "placings", icon: "pin", word: () => say("placings"), when: () => may("GET /v1/desk/placings") }],
};
