/** Team notes on this phone: the newest first, and how far this person has come with each. */

import type { Receipt, TeamNote } from "../../client/src/index.ts";
import { own } from "../../client/src/sync/overlay.ts";
import { keyOf } from "../../client/src/sync/shelf.ts";
import { entityNumber } from "../../shell/words.ts";
import { all, phone, remembered } from "../../shell/phone.ts";

export const READ = 2;

export const notes = remembered((): readonly TeamNote[] => [...all("team_note")].sort((left, right) => right.device_ms - left.device_ms));

export const corrected = (note: TeamNote): boolean => all("team_note").some(({ amends_id }) => amends_id === note.id);

export const receiptsOf = (note: TeamNote): readonly Receipt[] => all("receipt").filter(({ note_id }) => note_id === note.id);

/** A note that is not sent yet has no author but this person. */
export const isMine = (note: TeamNote): boolean => note.author_id === null || note.author_id === phone.seat.user_id;

/** How far this person has come, also by what waits in the queue. */
export const levelOf = remembered((note: TeamNote): number => {
  const told = receiptsOf(note).filter(({ user_id }) => user_id === phone.seat.user_id);
  const entered = own(phone.shelf, keyOf(entityNumber("team_note"), note.id)).filter(
    ([, { command }]) => command?.["command"] === "receipt",
  );
  return Math.max(0, ...told.map(({ level }) => level), ...entered.map(([, { command }]) => Number(command!["level"])));
});

export const unread = (): readonly TeamNote[] => notes().filter((note) => !isMine(note) && levelOf(note) < READ);
