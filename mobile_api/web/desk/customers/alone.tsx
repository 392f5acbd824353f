/** A customer that is left alone: until which day nobody claims it (D-133). */

import type { JSX } from "preact";
import { localDay, type Customer } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { DayField, Form, type Written } from "../../shell/form.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { one, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { zone } from "../../shell/reclaim.ts";
import { give } from "../../shell/rest.ts";
import { lockedAway } from "../away.tsx";
import { say } from "./texts.ts";

/** The first day on which it may be claimed and its days count, by the organisation's calendar; null: any. */
export function aloneUntil(customer: Customer): number | null {
  const day = one("standing", customer.id)?.undisturbed_until_day ?? null;
  return day !== null && day > localDay(Date.now(), zone()) ? day : null;
}

export function LeaveAlone({ customer, onClose }: { readonly customer: Customer; readonly onClose: () => void }): JSX.Element {
  const save = async (written: Written): Promise<Told | null> => {
    try {
      await give(`/v1/desk/customers/${customer.id}/do-not-disturb`, { until_day: written.day("until") });
      await sync();
    } catch (error) {
      return told(error);
    }
    tell({ text: say("alone_saved") });
    return null;
  };
  return (
    <Sheet title={say("alone_title", { name: customer.name })} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose}>
        <p class="lead">{say("alone_means")}</p>
        <DayField label={say("alone_until")} name="until" day={aloneUntil(customer)} />
      </Form>
    </Sheet>
  );
}
