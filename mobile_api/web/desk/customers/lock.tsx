/** A customer that is locked: until which day it stays with its owner, and why (D-160). */

import type { JSX } from "preact";
import { localDay, type Customer } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { DayField, Form, TextField, type Written } from "../../shell/form.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { one, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { spares, zone } from "../../shell/reclaim.ts";
import { give } from "../../shell/rest.ts";
import { lockedAway } from "../away.tsx";
import { say } from "./texts.ts";

/** The first day on which it is no longer locked; null: it is not locked now. */
export function lockedUntil(customer: Customer): number | null {
  const until_ms = one("standing", customer.id)?.locked_until_ms ?? null;
  return until_ms !== null && until_ms > Date.now() ? localDay(until_ms, zone()) : null;
}

export function Lock({ customer, onClose }: { readonly customer: Customer; readonly onClose: () => void }): JSX.Element {
  const before = lockedUntil(customer);
  const ask = async (until_day: number | null, reason: string): Promise<Told | null> => {
    try {
      await give(`/v1/desk/customers/${customer.id}/lock`, { until_day, reason });
      await sync();
    } catch (error) {
      return told(error);
    }
    tell({ text: say(until_day === null ? "unlocked" : "lock_saved") });
    return null;
  };
  const save = (written: Written): Promise<Told | null> | Told => {
    const [day, reason] = [written.day("until"), written.text("reason")];
    if (day === null && before === null)
      return {
        happened: say("lock_no_day"),
        means: say(spares("locked") ? "lock_means" : "lock_means_in_vain"),
        next: say("lock_no_day_next"),
      };
    return ask(day, reason);
  };
  return (
    <Sheet title={say("lock_title", { name: customer.name })} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose}>
        <p class="lead">{say(before !== null ? "lock_means_end" : spares("locked") ? "lock_means" : "lock_means_in_vain")}</p>
        <DayField label={say("lock_until")} name="until" day={before} />
        <TextField label={say("lock_reason")} name="reason" value={one("standing", customer.id)?.lock_reason ?? ""} />
      </Form>
    </Sheet>
  );
}
