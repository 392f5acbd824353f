/** Late edits of former holders, settled by the holder of the customer. */

import type { Feature } from "../../shell/feature.ts";
import { LateEdits } from "./late_edits.tsx";
import { open } from "./look.ts";
import { say } from "./texts.ts";

export const LATE_EDITS: Feature = {
  screens: { late: LateEdits },
  more: [{ order: 30, to: "late", icon: "late", word: () => say("late"), hint: () => say("hint"), badge: () => open().length }],
  kinds: { contribution: { icon: "late", line: () => "", to: () => "late" } },
};
