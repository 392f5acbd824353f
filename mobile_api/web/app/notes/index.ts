/** Team notes: what a leader tells a department, and how far each reader has come. */

import type { Feature } from "../../shell/feature.ts";
import { unread } from "./look.ts";
import { Notes } from "./notes.tsx";
import { say } from "./texts.ts";

export const NOTES: Feature = {
  screens: { notes: Notes },
  more: [{ order: 20, to: "notes", icon: "notes", word: () => say("notes"), badge: () => unread().length }],
  kinds: {
    team_note: { icon: "notes", line: ({ text }) => text, to: () => "notes" },
    receipt: { icon: "check", line: () => "", to: () => "notes" },
  },
};
