/** How long a customer stays with its owner if nobody touches it. */

import type { Feature } from "../../shell/feature.ts";
import { CountdownLine, FallingPiece } from "./countdown.tsx";

export const COUNTDOWN: Feature = {
  today: [{ order: 15, View: FallingPiece }],
  customer: [{ order: 2, View: CountdownLine }],
};
