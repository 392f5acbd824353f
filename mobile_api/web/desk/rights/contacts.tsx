/** The contacts of a customer, each with what the organisation holds about that person (D-482). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { OfCustomer } from "../../shell/feature.ts";
import { Avatar } from "../../shell/parts.tsx";
import { peopleOf } from "../../shell/people/look.ts";
import { needsServer } from "../away.tsx";
import { HeldSheet, type Person } from "./held.tsx";
import { say } from "./texts.ts";

export function ContactRights({ customer }: OfCustomer): JSX.Element | null {
  const [open, setOpen] = useState<Person | null>(null);
  const people = peopleOf(customer.id);
  if (people.length === 0 && open === null) return null;
  return (
    <section>
      <h2>{say("rights")}</h2>
      <div class="card list">
        {people.map(({ id, name }) => (
          <button aria-haspopup="dialog" class="row" key={id} {...needsServer()} onClick={() => setOpen({ id, name, path: "contacts" })}>
            <Avatar name={name} />
            <span class="grow">
              <b>{name}</b>
              <small>{say("held")}</small>
            </span>
          </button>
        ))}
      </div>
      {open !== null && <HeldSheet person={open} onClose={() => setOpen(null)} />}
    </section>
  );
}
