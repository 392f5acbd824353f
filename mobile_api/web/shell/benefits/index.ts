/** What the tier of a customer gives: on its screen in both apps. */

import type { Feature } from "../feature.ts";
import { BenefitsLine } from "./benefits.tsx";

export const BENEFITS: Feature = { customer: [{ order: 4, View: BenefitsLine }] };
