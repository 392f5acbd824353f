/** What is around the rep: own, shared and pooled customers by distance. */

import type { Feature } from "../../shell/feature.ts";
import { watchUnit } from "./look.ts";
import { NearbyScreen } from "./nearby.tsx";

watchUnit();

export const NEARBY: Feature = { screens: { nearby: NearbyScreen } };
