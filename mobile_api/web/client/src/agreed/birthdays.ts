/** Birthdays of contacts: which texts are possible dates, the same on the phone and on the server (D-118). */

const PREFIX = { solar: "", lunar: "lunar ", leap: "lunar leap " } as const;
const FORM = /^(lunar (leap )?)?(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})$/;
const YEAR_MIN = 1900;
const YEAR_MAX = 2100;
const LUNAR_DAYS_MAX = 30;
/** Without a year the 29th of February is possible. */
const LEAP_YEAR = 2000;

/** `leap`: the lunar calendar, in a month that is a leap month. */
export type BirthCalendar = keyof typeof PREFIX;

/** A day of the year in a calendar. `year`: of birth in that calendar, null: nobody knows it. */
export interface Birthday {
  readonly calendar: BirthCalendar;
  readonly year: number | null;
  readonly month: number;
  readonly day: number;
}

/** The text that a contact holds; whether the date is possible is for `parsed` to say. */
export function written({ calendar, year, month, day }: Birthday): string {
  const digits = (number: number, count: number): string => String(number).padStart(count, "0");
  return `${PREFIX[calendar]}${year === null ? "" : `${digits(year, 4)}-`}${digits(month, 2)}-${digits(day, 2)}`;
}

/**
 * The birthday in a text; null if it has another form, or is no possible date. The lengths of lunar months and the leap months stand in
 * tables that no phone has: any lunar day up to the 30th is possible.
 */
export function parsed(text: string): Birthday | null {
  const found = FORM.exec(text);
  if (found === null) return null;
  const [, lunar, leap, year, month, day] = found;
  const calendar = leap !== undefined ? "leap" : lunar !== undefined ? "lunar" : "solar";
  const birthday: Birthday = { calendar, year: year === undefined ? null : Number(year), month: Number(month), day: Number(day) };
  return isPossible(birthday) ? birthday : null;
}

function isPossible({ calendar, year, month, day }: Birthday): boolean {
  if (month < 1 || month > 12 || (year !== null && (year < YEAR_MIN || year > YEAR_MAX))) return false;
  const most = calendar === "solar" ? new Date(Date.UTC(year ?? LEAP_YEAR, month, 0)).getUTCDate() : LUNAR_DAYS_MAX;
  return day >= 1 && day <= most;
}
