/** All that a leaver holds goes to another person, to several so that all end even, or into a pool (D-109). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Role } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { count } from "../../shell/format.ts";
import { ChoiceField, Form, SelectField, TextField, TicksField, type Written } from "../../shell/form.tsx";
import { Empty, Sheet } from "../../shell/parts.tsx";
import { told, type Told } from "../../shell/problems.ts";
import { give, pages } from "../../shell/rest.ts";
import { lockedAway } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import { poolAsked, poolChoices, suggested, type Fitting } from "../pools/fit.ts";
import { say } from "./texts.ts";
import type { User } from "./users.tsx";

interface HandedOver {
  readonly customers: number;
  readonly more: boolean;
}

type Way = "one" | "several" | "pool";

function target(way: Way, written: Written): Readonly<Record<string, unknown>> {
  if (way === "several") return { to_user_ids: written.all("takers") };
  return way === "pool" ? poolAsked(written.text("pool")) : { to_user_id: written.text("to") };
}

async function handOver(user: User, to: Readonly<Record<string, unknown>>, reason: string): Promise<Told | null> {
  try {
    let customers = 0;
    for (let more = true; more;) {
      const done = await give<HandedOver>(`/v1/desk/users/${user.id}/hand-over`, { ...to, reason });
      customers += done.customers;
      more = done.more;
    }
    tell({ text: say("hand_done", { n: count(customers) }) });
    return null;
  } catch (error) {
    return told(error);
  }
}

export function HandOver({ user, onClose }: { readonly user: User; readonly onClose: () => void }): JSX.Element {
  const asked = useLive(async () => ({ users: await pages<User>("/v1/desk/users"), pools: await pages<Fitting>("/v1/desk/pools") }));
  const takers = (users: readonly User[]): readonly User[] =>
    users.filter(({ id, role, active }) => id !== user.id && active && (role === Role.rep || role === Role.manager));
  return (
    <Sheet title={say("hand_title", { name: user.name })} onClose={onClose}>
      <p class="lead">{say("hand_lead", { name: user.name })}</p>
      <Heard of={asked}>
        {({ users, pools }) =>
          takers(users).length + pools.length === 0 ? (
            <Empty icon="me">{say("hand_nobody")}</Empty>
          ) : (
            <HandOverForm user={user} takers={takers(users)} pools={pools.filter(({ active }) => active)} onClose={onClose} />
          )
        }
      </Heard>
    </Sheet>
  );
}

interface FormGiven {
  readonly user: User;
  readonly takers: readonly User[];
  readonly pools: readonly Fitting[];
  readonly onClose: () => void;
}

function HandOverForm({ user, takers, pools, onClose }: FormGiven): JSX.Element {
  const [way, setWay] = useState<Way>(takers.length > 0 ? "one" : "pool");
  const named = (found: readonly { readonly id: string; readonly name: string }[]): [string, string][] =>
    found.map(({ id, name }) => [id, name]);
  const ways = (
    [
      ["one", takers.length > 0],
      ["several", takers.length > 1],
      ["pool", pools.length > 0],
    ] as const
  ).filter(([, can]) => can);
  const save = (written: Written): Promise<Told | null> => handOver(user, target(way, written), written.text("reason"));
  return (
    <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose} saveWord={say("hand_over")}>
      <ChoiceField
        label={say("hand_way")}
        name="way"
        choices={ways.map(([one]) => [one, say(`hand_${one}`)])}
        value={way}
        onChoose={(chosen) => setWay(chosen)}
      />
      {way === "one" && <SelectField label={say("hand_to")} name="to" choices={named(takers)} value="" needed />}
      {way === "several" && (
        <TicksField
          label={say("hand_takers")}
          name="takers"
          choices={takers.map(({ id, name }) => [id, name, false])}
          hint={say("hand_even")}
        />
      )}
      {way === "pool" && (
        <SelectField label={say("hand_pool_name")} name="pool" choices={poolChoices(pools)} value={suggested(pools)} needed />
      )}
      <TextField label={say("hand_reason")} name="reason" />
    </Form>
  );
}
