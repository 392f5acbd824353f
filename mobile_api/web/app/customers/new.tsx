/** A new customer, entered where one stands: with the position, and a warning when it may be here already. */

import { useSignal } from "@preact/signals";
import type { JSX, TargetedInputEvent } from "preact";
import { create, CustomerKind } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { Form, type Written } from "../../shell/form.tsx";
import { Avatar, TopBar } from "../../shell/parts.tsx";
import { phone } from "../../shell/phone.ts";
import { fix } from "../../shell/position.ts";
import type { Told } from "../../shell/problems.ts";
import { go, href } from "../../shell/router.ts";
import { alike } from "./alike.ts";
import { FactField, factsOf, type Slot } from "./facts.tsx";
import { FixLine, positionOf } from "./position.tsx";
import { say } from "./texts.ts";

const SLOTS: readonly Slot[] = ["name", "phone", "kind", "city", "address", "industry", "note"];

function AlikeList({ name, number }: { readonly name: string; readonly number: string }): JSX.Element | null {
  const found = alike(name, number);
  if (found.length === 0) return null;
  return (
    <section class="alike" role="status">
      <h2>{say("alike")}</h2>
      <div class="card list">
        {found.map(({ customer, by }) => (
          <a class="row" key={customer.id} href={href(`customers/${customer.id}`)}>
            <Avatar name={customer.name} city={customer.city} />
            <span class="grow">
              <b>{customer.name}</b>
              <small>{[customer.city, customer.phone].filter(Boolean).join(" · ")}</small>
            </span>
            <span class="chip wait">{say(by === "phone" ? "alike_phone" : "alike_name")}</span>
          </a>
        ))}
      </div>
    </section>
  );
}

export function NewCustomer(): JSX.Element {
  const typed = useSignal({ name: "", phone: "" });
  const id = useSignal(phone.newId());
  const withPosition = useSignal(true);
  const hear = ({ target }: TargetedInputEvent<HTMLElement>): void => {
    const { name, value } = target as HTMLInputElement;
    if (name === "name" || name === "phone") typed.value = { ...typed.value, [name]: value };
  };
  const save = (written: Written): Promise<Told | null> | Told => {
    const facts = factsOf(SLOTS, written);
    if (facts.name === "") return { happened: say("no_name"), means: say("no_name_means"), next: say("no_name_next") };
    const place = withPosition.value && fix.value !== null ? positionOf(fix.value) : {};
    return enter([create("customer", { ...facts, ...place }, id.value)], { text: say("created_word") });
  };
  return (
    <>
      <TopBar title={say("new_customer")} before="customers" />
      <main onInput={hear}>
        <Form onSave={save} onDone={() => go(`customers/${id.value}`, true)} saveWord={say("save_new")}>
          <FactField slot="name" value="" first />
          <FactField slot="phone" value="" first={false} />
          <AlikeList name={typed.value.name} number={typed.value.phone} />
          {SLOTS.slice(2).map((slot) => (
            <FactField key={slot} slot={slot} value={slot === "kind" ? CustomerKind.unknown : ""} first={false} />
          ))}
          <label class="check">
            <input
              type="checkbox"
              checked={withPosition.value}
              onChange={(event) => void (withPosition.value = event.currentTarget.checked)}
            />
            <span class="grow">
              {say("with_position")}
              {withPosition.value && (
                <small>
                  <FixLine />
                </small>
              )}
            </span>
          </label>
        </Form>
      </main>
    </>
  );
}
