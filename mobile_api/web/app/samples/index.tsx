/** Samples at a customer's. */

import type { Feature } from "../../shell/feature.ts";
import { Samples, sampleWords } from "./samples.tsx";

export const SAMPLES: Feature = {
  customer: [{ order: 75, View: Samples, claimed: true }],
  kinds: {
    sample_entry: { icon: "plus", line: sampleWords, atMs: ({ occurred_ms, device_ms }) => occurred_ms || device_ms },
  },
};
