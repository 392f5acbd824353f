/** The first screen of the day. */

import type { Feature } from "../../shell/feature.ts";
import { say } from "./texts.ts";
import { Done, Due, NearPiece, Today } from "./today.tsx";

export const TODAY: Feature = {
  screens: { today: Today },
  places: [{ order: 10, to: "today", icon: "calendar", word: () => say("today") }],
  today: [
    { order: 20, View: Due },
    { order: 60, View: NearPiece },
    { order: 80, View: Done },
  ],
};
