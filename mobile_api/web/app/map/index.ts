/** The map of a rep's customers and of the pool around. */

import type { Feature } from "../../shell/feature.ts";
import { MapScreen } from "./map.tsx";
import { say } from "./texts.ts";

export const MAP: Feature = {
  screens: { map: MapScreen },
  places: [{ order: 30, to: "map", icon: "pin", word: () => say("map") }],
};
