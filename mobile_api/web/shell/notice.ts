/** A notice as it comes by push: what kind, which earlier one it replaces, where it leads. All words are here; none comes from outside. */

import { NOTICES_EN, NOTICES_ZH } from "../client/src/generated/notices.ts";
import { linesOf, type Lines } from "./tables.ts";

const zh = { news: "有新消息", several: "你有 {n} 条新提醒" } as const;
const en: Record<keyof typeof zh, string> = { news: "There is news", several: "{n} notices wait for you" };
const OWN = linesOf({ zh, en });
const OF_KINDS = linesOf({ zh: NOTICES_ZH, en: NOTICES_EN });
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
export function lineOf({ kind, count }: Notice, lines: Lines): string {
  if (count > 1) return lines[OWN("several")!]!.replace("{n}", String(count));
  const said = lines[OF_KINDS(kind) ?? OWN("news")!]!;
  return said.slice(said.lastIndexOf("\t") + 1);
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
