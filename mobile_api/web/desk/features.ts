/** What the manager's desk can do: a line for each feature. */

import type { Feature } from "../shell/feature.ts";
import { BENEFITS } from "../shell/benefits/index.ts";
import { FIELDS } from "../shell/fields/index.tsx";
import { NOTICES } from "../shell/notices/index.tsx";
import { ME } from "../shell/me.tsx";
import { PEOPLE as CONTACTS } from "../shell/people/index.tsx";
import { BOARD } from "./board/index.tsx";
import { CATALOGUE } from "./catalogue/index.tsx";
import { CONTESTS } from "./contests/index.tsx";
import { CUSTOMERS } from "./customers/index.tsx";
import { DAYS } from "./days/index.tsx";
import { DECISIONS } from "./decisions/index.tsx";
import { EXTENSIONS } from "./extensions/index.tsx";
import { EVALUATION } from "./evaluation/index.tsx";
import { DUPLICATES } from "./duplicates/index.tsx";
import { IMPORTS } from "./imports/index.tsx";
import { INSTRUCTIONS } from "./instructions/index.tsx";
import { NOTES } from "./notes/index.tsx";
import { PEOPLE } from "./people/index.tsx";
import { PLACINGS } from "./placings/index.tsx";
import { POOLS } from "./pools/index.tsx";
import { RIGHTS } from "./rights/index.tsx";

export const FEATURES: readonly Feature[] = [
  BOARD,
  DECISIONS,
  DUPLICATES,
  CONTESTS,
  EXTENSIONS,
  CUSTOMERS,
  EVALUATION,
  DAYS,
  PLACINGS,
  INSTRUCTIONS,
  NOTES,
  POOLS,
  BENEFITS,
  CONTACTS,
  FIELDS,
  PEOPLE,
  RIGHTS,
  CATALOGUE,
  IMPORTS,
  NOTICES,
  ME,
];
