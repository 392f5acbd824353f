/** The rights of persons at the desk: what is held about a user stands among the people, about a contact in the customer's pane. */

import type { Feature } from "../../shell/feature.ts";
import { ContactRights } from "./contacts.tsx";

export const RIGHTS: Feature = { customer: [{ order: 90, View: ContactRights }] };
