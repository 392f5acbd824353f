/** The inbox: conflicts and refusals, and the author's decisions about them. */

import type { Feature } from "../../shell/feature.ts";
import { Inbox } from "./inbox.tsx";
import { aboutWords, openCards } from "../../shell/cards/look.ts";
import { say } from "./texts.ts";

export const INBOX: Feature = {
  screens: { inbox: Inbox },
  places: [{ order: 40, to: "inbox", icon: "inbox", word: () => say("inbox"), badge: () => openCards().length }],
  kinds: { inbox_item: { icon: "inbox", line: aboutWords, to: () => "inbox" } },
};
