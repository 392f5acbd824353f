/** Where a customer is: told by standing there. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Datum, patch } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { Form } from "../../shell/form.tsx";
import { distance } from "../../shell/format.ts";
import { FactRow } from "../../shell/fact_row.tsx";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { distanceTo, fix, searching, watchPosition, type Fix, type Placed } from "../../shell/position.ts";
import type { Told } from "../../shell/problems.ts";
import { useSeen } from "../../shell/seen.ts";
import { say as shared } from "../../shell/texts.ts";
import { capital } from "../../shell/words.ts";
import { GroupHistory } from "./history.tsx";
import { placed } from "./look.ts";
import { say } from "./texts.ts";

const DEGREES_DIGITS = 5;

/** The fields of a position that this phone measured. */
export function positionOf({ latitude_e6, longitude_e6 }: Fix): { latitude_e6: number; longitude_e6: number; datum: Datum } {
  return { latitude_e6, longitude_e6, datum: Datum.wgs84 };
}

/** How well the phone knows where it is; watches while it stands on the screen. */
export function FixLine(): JSX.Element {
  useEffect(() => watchPosition(), []);
  const { value } = fix;
  const state = searching.value;
  const why = state === "refused" ? "position_refused" : state === "failed" ? "position_failed" : "position_searching";
  return (
    <span role="status">
      {value === null && capital(say(why))}
      {value !== null && value.accuracy_mm === null && say("here_somewhere")}
      {value !== null && value.accuracy_mm !== null && say("here", { accuracy: distance(value.accuracy_mm) })}
    </span>
  );
}

function words(place: Placed): string {
  if (place.wgs_latitude_e6 === null || place.wgs_longitude_e6 === null) return "";
  const degrees = [place.wgs_latitude_e6, place.wgs_longitude_e6].map((e6) => (e6 / 1e6).toFixed(DEGREES_DIGITS)).join(", ");
  const far = distanceTo(place);
  return far === null ? degrees : `${say("away", { distance: distance(far) })} · ${degrees}`;
}

function Edit({ customer, onClose }: OfCustomer & { readonly onClose: () => void }): JSX.Element {
  const seen = useSeen("customer", customer.id);
  const save = (): Promise<Told | null> | Told => {
    if (fix.value === null) return { happened: say("no_position"), means: say("no_position_means"), next: say("no_position_next") };
    return enter([patch("customer", customer.id, positionOf(fix.value), seen)], { text: shared("saved") });
  };
  const far = distanceTo(placed(customer));
  return (
    <Sheet title={say("edit", { field: say("position") })} onClose={onClose}>
      <p class="lead">{say("position_lead")}</p>
      <Form onSave={save} onDone={onClose} onCancel={onClose} saveWord={say("use_position")}>
        <p class="check">
          <Icon name="pin" />
          <FixLine />
        </p>
        {far !== null && <p class="lead">{say("position_far", { distance: distance(far) })}</p>}
      </Form>
      <GroupHistory id={customer.id} group="position" />
    </Sheet>
  );
}

export function PositionFact({ customer }: OfCustomer): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <FactRow word={say("position")} value={words(placed(customer))} onEdit={() => setOpen(true)} />
      {open && <Edit customer={customer} onClose={() => setOpen(false)} />}
    </>
  );
}
