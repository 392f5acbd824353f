/** What a person reads while a form is open: the form's edits rest on it, whatever arrives meanwhile (P-330). */

import { useState } from "preact/hooks";
import { seenOf, type EntityName, type Id, type Seen } from "../client/src/index.ts";
import { phone } from "./phone.ts";

/** What was on screen of the record when this form opened; of a record that is new, nothing. */
export function useSeen(name: EntityName, id: Id | undefined): Seen | undefined {
  const [seen] = useState(() => (id === undefined ? undefined : seenOf(phone.shelf, name, id)));
  return seen;
}
