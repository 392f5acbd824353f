/** Today's route: the stops of the day in a short order, on a map and as a list. */

import type { Feature } from "../../shell/feature.ts";
import { RoutePiece, RouteScreen } from "./route.tsx";

export const ROUTE: Feature = {
  screens: { route: RouteScreen },
  today: [{ order: 15, View: RoutePiece }],
};
