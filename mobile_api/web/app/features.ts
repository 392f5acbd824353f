/** What the rep's app can do: a line for each feature. */

import type { Feature } from "../shell/feature.ts";
import { ME } from "../shell/me.tsx";
import { CONTACT_LOGS } from "./contact_logs/index.tsx";
import { COUNTDOWN } from "./countdown/index.ts";
import { CUSTOMERS } from "./customers/index.tsx";
import { EXTENSIONS } from "./extensions/index.ts";
import { BENEFITS } from "../shell/benefits/index.ts";
import { FIELDS } from "../shell/fields/index.tsx";
import { NOTICES } from "../shell/notices/index.tsx";
import { FOLLOW_UPS } from "./follow_ups/index.tsx";
import { INBOX } from "./inbox/index.ts";
import { INSTRUCTIONS } from "./instructions/index.ts";
import { LATE_EDITS } from "./late_edits/index.ts";
import { MAP } from "./map/index.ts";
import { NEARBY } from "./nearby/index.ts";
import { NOTES } from "./notes/index.ts";
import { OUTBOX } from "./outbox/index.ts";
import { PEOPLE } from "../shell/people/index.tsx";
import { POOL } from "./pool/index.ts";
import { PREFERENCES } from "./preferences/index.tsx";
import { QUOTES } from "./quotes/index.tsx";
import { ROUTE } from "./route/index.ts";
import { SAMPLES } from "./samples/index.tsx";
import { TAGS } from "./tags/index.tsx";
import { TODAY } from "./today/index.tsx";
import { VISITS } from "./visits/index.tsx";
import { WHEREABOUTS } from "./whereabouts/index.ts";

export const FEATURES: readonly Feature[] = [
  TODAY,
  CUSTOMERS,
  COUNTDOWN,
  EXTENSIONS,
  BENEFITS,
  VISITS,
  CONTACT_LOGS,
  FOLLOW_UPS,
  PEOPLE,
  FIELDS,
  TAGS,
  PREFERENCES,
  SAMPLES,
  QUOTES,
  INBOX,
  OUTBOX,
  MAP,
  NEARBY,
  ROUTE,
  POOL,
  NOTES,
  INSTRUCTIONS,
  LATE_EDITS,
  NOTICES,
  WHEREABOUTS,
  ME,
];
