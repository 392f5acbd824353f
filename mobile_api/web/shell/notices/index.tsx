/** Notices: the bell at the top of every screen, their list, and how a person wants to hear. */

import type { Feature } from "../feature.ts";
import { Bell } from "./bell.tsx";
import { NoticeList } from "./list.tsx";
import { unreadCount } from "./look.ts";
import { PushCard } from "./push_card.tsx";
import { Settings } from "./settings.tsx";
import { say } from "./texts.ts";

export const NOTICES: Feature = {
  screens: { notices: NoticeList, settings: Settings },
  more: [
    { order: 12, to: "notices", icon: "bell", word: () => say("notices"), badge: unreadCount },
    { order: 95, to: "settings", icon: "settings", word: () => say("settings") },
  ],
  top: [{ order: 10, View: Bell }],
  today: [{ order: 5, View: PushCard }],
  kinds: {
    notification: { icon: "bell", line: () => "" },
    user_settings: { icon: "settings", line: () => "", to: () => "settings" },
  },
};
