/** The birthday in the form of a person: year, month, day, and by which calendar. */

import type { JSX } from "preact";
import { parsed, written as textOf, type BirthCalendar } from "../../client/src/agreed/birthdays.ts";
import { SelectField, TextField, type Written } from "../form.tsx";
import type { Told } from "../problems.ts";
import { say } from "./texts.ts";

const NAMES = { calendar: "birth_calendar", year: "birth_year", month: "birth_month", day: "birth_day" } as const;
const upTo = (most: number): readonly (readonly [number | "", string])[] => [
  ["", "–"],
  ...Array.from({ length: most }, (_, at) => [at + 1, String(at + 1)] as const),
];

export function BirthdayFields({ birthday }: { readonly birthday: string }): JSX.Element {
  const { calendar, year, month, day } = parsed(birthday) ?? { calendar: "solar", year: null, month: "", day: "" };
  return (
    <fieldset class="field birthday">
      <legend>{say("birthday")}</legend>
      <TextField label={say("birth_year")} name={NAMES.year} value={String(year ?? "")} most={4} mode="numeric" />
      <SelectField label={say("birth_month")} name={NAMES.month} value={month} choices={upTo(12)} />
      <SelectField label={say("birth_day")} name={NAMES.day} value={day} choices={upTo(31)} />
      <SelectField
        label={say("birth_calendar")}
        name={NAMES.calendar}
        value={calendar}
        choices={[
          ["solar", say("solar")],
          ["lunar", say("lunar")],
          ["leap", say("lunar_leap")],
        ]}
      />
      <small>{say("birthday_hint")}</small>
    </fieldset>
  );
}

/** The birthday that stands in the form; empty where nothing of it is filled in. */
export function birthdayIn(written: Written): string | Told {
  const [year, month, day] = [NAMES.year, NAMES.month, NAMES.day].map((name) => written.text(name).normalize("NFKC"));
  if (`${year}${month}${day}` === "") return "";
  const calendar = written.text(NAMES.calendar) as BirthCalendar;
  const text = textOf({ calendar, year: year === "" ? null : Number(year), month: Number(month), day: Number(day) });
  return parsed(text) === null ? { happened: say("no_birthday"), means: say("no_birthday_means"), next: say("no_birthday_next") } : text;
}
