/** Tags and interests of a customer. */

import type { Feature } from "../../shell/feature.ts";
import { Interests, Tags } from "./tags.tsx";

export const TAGS: Feature = {
  customer: [
    { order: 65, View: Tags },
    { order: 66, View: Interests },
  ],
};
