/** Releasing an own customer into a pool: from then on colleagues may claim it (D-125). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { command, Datum, knownPosition, type Customer, type Id } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { Form, SelectField, TextField } from "../../shell/form.tsx";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { all, one, phone } from "../../shell/phone.ts";
import { go } from "../../shell/router.ts";
import { say } from "./texts.ts";

const REASON_LETTERS_MAX = 200;

function ReleaseSheet({ customer, onClose }: { readonly customer: Customer; readonly onClose: () => void }): JSX.Element {
  const pools = all("pool").filter(({ active }) => active);
  const release = async (pool_id: Id, reason: string): ReturnType<typeof enter> => {
    const at = knownPosition(Datum.wgs84, customer.wgs_latitude_e6, customer.wgs_longitude_e6);
    if (at !== null) await phone.keepTile(at); // its card stays in sight
    return enter(
      [command("standing", customer.id, { command: "release", pool_id, epoch: one("standing", customer.id)?.epoch ?? null, reason })],
      {
        text: say("released"),
      },
    );
  };
  return (
    <Sheet title={say("release_title", { name: customer.name })} onClose={onClose}>
      <Form
        onSave={(written) => release(written.text("pool"), written.text("reason"))}
        onDone={() => (onClose(), go("customers"))}
        onCancel={onClose}
        saveWord={say("release")}
      >
        <p class="lead">{say("release_lead")}</p>
        <SelectField label={say("into")} name="pool" choices={pools.map(({ id, name }) => [id, name] as const)} value={pools[0]!.id} />
        <TextField label={say("reason")} name="reason" most={REASON_LETTERS_MAX} lines={2} />
      </Form>
    </Sheet>
  );
}

/** Only the owner releases a customer, and only where there is a pool. It is rare: it stands at the foot, not beside what is daily. */
export function Release({ customer }: OfCustomer): JSX.Element | null {
  const [asking, setAsking] = useState(false);
  const owns = one("standing", customer.id)?.owner_id === phone.seat.user_id;
  if (!owns || !all("pool").some(({ active }) => active)) return null;
  const waits = phone.waits("standing", customer.id);
  return (
    <section>
      <button aria-haspopup="dialog" class="bare wide" disabled={waits} onClick={() => setAsking(true)}>
        <Icon name="pool" />
        {say(waits ? "releasing" : "release")}
      </button>
      {asking && <ReleaseSheet customer={customer} onClose={() => setAsking(false)} />}
    </section>
  );
}
