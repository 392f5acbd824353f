/** The position of visits: what a person agreed to. */

import { ConsentAnswer } from "../../client/src/index.ts";
import type { Feature } from "../../shell/feature.ts";
import { WhereaboutsScreen } from "./ask.tsx";
import { say } from "./texts.ts";

export const WHEREABOUTS: Feature = {
  screens: { whereabouts: WhereaboutsScreen },
  more: [{ order: 94, to: "whereabouts", icon: "pin", word: () => say("title") }],
  kinds: { consent: { icon: "pin", line: ({ answer }) => say(answer === ConsentAnswer.yes ? "yes" : "no"), to: () => "whereabouts" } },
};
