/** The fields that the organisation defined itself. */

import type { Feature } from "../feature.ts";
import { CustomFields } from "./fields.tsx";

export const FIELDS: Feature = { customer: [{ order: 55, View: CustomFields }] };
