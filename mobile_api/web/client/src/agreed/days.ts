/** Days of a place: which day a calendar of a time zone shows at a moment, the same on the phone and on the server (D-001). */

const DAY_MS = 86_400_000;
const KEPT_MOST = 50_000;

/** A calendar, and the days that it was asked for: asking takes microseconds, and a list asks for thousands again and again. */
interface Calendar {
  readonly shown: Intl.DateTimeFormat;
  readonly kept: Map<number, number>;
}

const calendars = new Map<string, Calendar>();

/** The day, since 1970-01-01, that a calendar of this zone shows at a moment. A name that is no zone's counts as UTC. */
export function localDay(atMs: number, timeZone: string): number {
  const { shown, kept } = calendarOf(timeZone);
  let day = kept.get(atMs);
  if (day !== undefined) return day;
  const [month, date, year] = shown.format(atMs).split("/").map(Number);
  day = Date.UTC(year!, month! - 1, date!) / DAY_MS;
  if (kept.size >= KEPT_MOST) kept.clear();
  kept.set(atMs, day);
  return day;
}

function calendarOf(zone: string): Calendar {
  let found = calendars.get(zone);
  if (found === undefined) calendars.set(zone, (found = { shown: format(zone) ?? format("UTC")!, kept: new Map() }));
  return found;
}

function format(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, year: "numeric", month: "numeric", day: "numeric" });
  } catch {
    return null;
  }
}
