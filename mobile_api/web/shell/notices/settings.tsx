/** How a person wants to hear: on all devices alike, changed without a network; and pushes of this device. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { create, patch, type UserSettings } from "../../client/src/index.ts";
import { enter } from "../entering.ts";
import { ChoiceField, Form, SelectField, TimeField, type Written } from "../form.tsx";
import { language } from "../language.ts";
import { speak, TopBar } from "../parts.tsx";
import { all, one, phone } from "../phone.ts";
import type { Told } from "../problems.ts";
import { useSeen } from "../seen.ts";
import { say as shared } from "../texts.ts";
import { PushStatus } from "./push_card.tsx";
import { say } from "./texts.ts";
import { unwanted, Ways } from "./ways.tsx";

type Hours = "common" | "own" | "none";

type Wish = Pick<UserSettings, "time_zone" | "language" | "quiet_from" | "quiet_until" | "listed" | "muted">;

const NOTHING: Wish = { time_zone: "", language: "", quiet_from: null, quiet_until: null, listed: [], muted: [] };

/** The zones that this browser knows, and the one that is chosen: another browser may know more. */
function zones(chosen: string): readonly (readonly [string, string])[] {
  const organisation = all("organisation")[0]?.time_zone ?? "";
  const known = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  const names = chosen === "" || known.includes(chosen) ? known : [chosen, ...known];
  return [["", say("zone_of_organisation", { zone: organisation })], ...names.map((name) => [name, name.replaceAll("_", " ")] as const)];
}

const clock = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
const two = (number: number): string => String(number).padStart(2, "0");

/** Whose quiet hours count: the organisation's, the user's own, or none. */
function hoursOf({ quiet_from, quiet_until }: Wish): Hours {
  if (quiet_from === null || quiet_until === null) return "common";
  return quiet_from === quiet_until ? "none" : "own";
}

/** The quiet hours that the form holds, or why they cannot be kept. */
function hours(written: Written): Pick<Wish, "quiet_from" | "quiet_until"> | Told {
  const whose = written.text("quiet");
  if (whose !== "own") return whose === "none" ? { quiet_from: 0, quiet_until: 0 } : { quiet_from: null, quiet_until: null };
  const [from, until] = [written.minute("quiet_from"), written.minute("quiet_until")];
  if (from !== null && until !== null && from !== until) return { quiet_from: from, quiet_until: until };
  return { happened: say("quiet_half"), means: say("quiet_means"), next: say("quiet_next") };
}

/** What the form holds, or why it cannot be kept. */
function wished(written: Written, known: Wish): Wish | Told {
  const quiet = hours(written);
  if ("happened" in quiet) return quiet;
  return { time_zone: written.text("time_zone"), language: written.text("language"), ...quiet, ...unwanted(written.all("ways"), known) };
}

/** The fields that differ. */
function changes(before: Wish, after: Wish): Partial<Wish> {
  const names = Object.keys(NOTHING) as (keyof Wish)[];
  return Object.fromEntries(
    names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).map((name) => [name, after[name]]),
  );
}

function hourChoices(whose: Hours): readonly (readonly [Hours, string])[] {
  const { quiet_from: from = null, quiet_until: until = null } = all("organisation")[0] ?? {};
  const common = from === null || until === null ? null : say("quiet_common", { from: clock(from), until: clock(until) });
  const choices: readonly (readonly [Hours, string])[] = [
    ["own", say("quiet_own")],
    ["none", say("quiet_none")],
  ];
  // without hours of the organisation the two come to the same
  if (common === null) return choices.map(([one, word]) => [one === "none" && whose !== "none" ? "common" : one, word]);
  return [["common", common], ...choices];
}

function SettingsForm({ known, again }: { readonly known: UserSettings | null; readonly again: () => void }): JSX.Element {
  const user = phone.seat.user_id;
  const seen = useSeen("user_settings", known === null ? undefined : user);
  const before = known ?? NOTHING;
  const save = async (written: Written): Promise<Told | null> => {
    const after = wished(written, before);
    if ("happened" in after) return after;
    const changed = changes(before, after);
    if (Object.keys(changed).length > 0) {
      const edit =
        known === null ? create("user_settings", { user_id: user, ...after }, user) : patch("user_settings", user, changed, seen);
      const why = await enter([edit], { text: shared("saved") });
      if (why !== null) return why;
    }
    speak(after.language === "en" ? "en" : "zh");
    return null;
  };
  const { quiet_from: from, quiet_until: until } = before;
  const [whose, setWhose] = useState<Hours>(hoursOf(before));
  return (
    <Form onSave={save} onDone={again}>
      <ChoiceField label={say("quiet")} name="quiet" value={whose} onChoose={setWhose} choices={hourChoices(whose)} />
      {whose === "own" && (
        <fieldset class="field times">
          <TimeField label={say("quiet_from")} name="quiet_from" minute={from === until ? null : from} />
          <TimeField label={say("quiet_until")} name="quiet_until" minute={from === until ? null : until} />
        </fieldset>
      )}
      <p class="lead">{say("quiet_hint")}</p>
      <Ways known={before} />
      <ChoiceField
        label={say("language")}
        name="language"
        value={before.language || language.peek()}
        choices={[
          ["zh", "中文"],
          ["en", "English"],
        ]}
      />
      <SelectField label={say("zone")} name="time_zone" value={before.time_zone} choices={zones(before.time_zone)} />
      <p class="lead">{say("zone_hint")}</p>
    </Form>
  );
}

export function Settings(): JSX.Element {
  const [turn, setTurn] = useState(0);
  const known = phone.seat.user_id === "" ? null : one("user_settings", phone.seat.user_id);
  return (
    <>
      <TopBar title={say("settings_title")} before="me" />
      <main>
        <PushStatus />
        <section>
          <h2>{say("all_devices")}</h2>
          <div class="card panel">
            <p class="lead">{say("settings_lead")}</p>
            <SettingsForm key={`${turn} ${known?.rev ?? -1}`} known={known} again={() => setTurn(turn + 1)} />
          </div>
        </section>
      </main>
    </>
  );
}
