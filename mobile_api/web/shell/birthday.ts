/** Birthdays as people read them; a lunar one by its own months. */

import { parsed } from "../client/src/agreed/birthdays.ts";
import { locale } from "./format.ts";
import { speaker } from "./language.ts";

const zh = { lunar: "农历{year}{month}月{day}日", leap: "农历{year}闰{month}月{day}日", year: "{year}年" } as const;
const en: Record<keyof typeof zh, string> = {
  lunar: "lunar month {month}, day {day}{year}",
  leap: "lunar leap month {month}, day {day}{year}",
  year: " ({year})",
};
const say = speaker({ zh, en });

/** 12 Mar 1985, or 农历8月15日. A text that is none stands as it is. */
export function birthdayWords(text: string): string {
  const found = parsed(text);
  if (found === null) return text;
  const { calendar, year, month, day } = found;
  if (calendar !== "solar") return say(calendar, { month, day, year: year === null ? "" : say("year", { year }) });
  const shown = { timeZone: "UTC", month: "short", day: "numeric", ...(year === null ? {} : { year: "numeric" as const }) } as const;
  return new Intl.DateTimeFormat(locale(), shown).format(Date.UTC(year ?? 2000, month - 1, day));
}
