/** Users, their devices, departments, and whether notices reach them (admin). */

import type { JSX } from "preact";
import type { Feature, Shown } from "../../shell/feature.ts";
import { Parts } from "../parts_of.tsx";
import { Consents } from "./consents.tsx";
import { may } from "../may.ts";
import { say as sayOfConsents } from "./consents_texts.ts";
import { Delivery } from "./delivery.tsx";
import { say as sayOfDelivery } from "./delivery_texts.ts";
import { Departments } from "./departments.tsx";
import { Devices } from "./devices.tsx";
import { Erasures } from "../rights/erasures.tsx";
import { say as sayOfRights } from "../rights/texts.ts";
import { ServiceAccounts } from "../services/services.tsx";
import { say as sayOfServices } from "../services/texts.ts";
import { say } from "./texts.ts";
import { Users } from "./users.tsx";

function People({ rest }: Shown): JSX.Element {
  const parts = [
    { to: "", word: say("users"), View: Users },
    { to: "devices", word: say("devices"), View: Devices },
    { to: "departments", word: say("departments"), View: Departments },
    { to: "delivery", word: sayOfDelivery("delivery"), View: Delivery },
    { to: "consents", word: sayOfConsents("consents"), View: Consents },
    { to: "services", word: sayOfServices("services"), View: ServiceAccounts },
    { to: "erasures", word: sayOfRights("erasures"), View: Erasures },
  ];
  return <Parts title={say("people")} place="people" rest={rest} parts={parts} />;
}

export const PEOPLE: Feature = {
  screens: { people: People },
  places: [{ order: 50, to: "people", icon: "people", word: () => say("people"), when: () => may("GET /v1/desk/users") }],
};
