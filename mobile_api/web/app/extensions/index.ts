/** More time with a customer: the owner asks for it, and sees what the manager decided; and its locks in the timeline. */

import type { Feature } from "../../shell/feature.ts";
import { dateWord } from "../../shell/format.ts";
import { lockWords } from "./lock.ts";
import { MoreTime } from "./more_time.tsx";
import { say } from "./texts.ts";

export const EXTENSIONS: Feature = {
  customer: [{ order: 3, View: MoreTime }],
  kinds: {
    customer_lock: { icon: "lock", line: lockWords, atMs: ({ locked_ms }) => locked_ms },
    extension: {
      icon: "clock",
      line: ({ until_day, reason }) => [say("until", { day: dateWord(until_day) }), reason].join(" · "),
      to: ({ customer_id }) => `customers/${customer_id}`,
    },
  },
};
