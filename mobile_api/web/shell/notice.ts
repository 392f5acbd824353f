/** A notice as it comes by push: what kind, which earlier one it replaces, where it leads. All words are here; none comes from outside. */

import { NOTICE_LINES } from "../client/src/generated/notices.ts";
import type { Language } from "./language.ts";

const NEWS = { zh: "有新消息", en: "There is news" } as const;
const TAG = "news";

export interface Notice {
  readonly kind: string;
  /** Two notices of one tag are one on the screen: the later replaces the earlier. */
  readonly tag: string;
  /** An address within the app: what comes after the app's own. */
  readonly to: string;
  /** For how many notices it stands: those that quiet hours or the cap held back come as one push. */
  readonly count: number;
}

/** What a push says; whatever is not understood leaves a notice that there is news, for a browser wants one shown for each push. */
export function noticeIn(payload: string, home: string): Notice {
  const told = read(payload);
  const text = (name: string): string => (typeof told[name] === "string" ? told[name] : "");
  return { kind: text("kind"), tag: text("tag") || TAG, to: within(text("to"), home), count: Number(text("count")) || 1 };
}

/** The line for a locked screen. */
export function lineOf({ kind, count }: Notice, language: Language): string {
  if (count > 1) return language === "zh" ? `您有 ${count} 条新提醒` : `${count} notices wait for you`;
  return (Object.hasOwn(NOTICE_LINES, kind) ? NOTICE_LINES[kind]! : NEWS)[language];
}

/** Nobody is led out of the app. */
function within(to: string, home: string): string {
  try {
    const { href } = new URL(to, home);
    return href.startsWith(home) ? href.slice(home.length) : "";
  } catch {
    return "";
  }
}

function read(payload: string): Readonly<Record<string, unknown>> {
  try {
    const told: unknown = JSON.parse(payload);
    return told !== null && typeof told === "object" ? (told as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
