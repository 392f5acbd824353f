/** One customer that no device of this person holds: read from the server, and changed by the desk's verbs where the role may (D-492). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Contact, Customer, Id, Standing } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { Form, TextField, type Written } from "../../shell/form.tsx";
import { Avatar, Sheet, TopBar } from "../../shell/parts.tsx";
import { phone } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { ask, give } from "../../shell/rest.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import { Why } from "../evaluation/why.tsx";
import { may } from "../may.ts";
import { Facts, Quotes } from "./customer.tsx";
import { EditCustomer } from "./edit.tsx";
import { Gone } from "./archived.tsx";
import { Move, type Moving } from "./move.tsx";
import { Owed } from "./owed.tsx";
import { holderWords } from "./register.tsx";
import { entityNumber, fieldWord } from "../../shell/words.ts";
import { say } from "./register_texts.ts";
import { say as customers } from "./texts.ts";

interface Shown {
  readonly customer: Customer;
  readonly standing: Standing | null;
  readonly contacts: readonly Contact[];
}

const SLOTS = ["name", "title", "phone", "email", "note"] as const;
const LETTERS_MAX = { name: 120, title: 40, phone: 40, email: 200, note: 4000 } as const;

export function RegisteredCustomer({ id }: { readonly id: Id }): JSX.Element {
  const heard = useLive(() => ask<Shown>(`/v1/customers/${id}`), [id]);
  return (
    <>
      <TopBar title={heard.value?.customer.name ?? customers("customers")} before="customers" />
      <main class="one-customer">
        <Heard of={heard}>{(shown) => <Known key={id} shown={shown} onChanged={heard.again} />}</Heard>
      </main>
    </>
  );
}

interface KnownGiven {
  readonly shown: Shown;
  readonly onChanged: () => void;
}

function Known({ shown, onChanged }: KnownGiven): JSX.Element {
  const { customer, standing } = shown;
  const [editing, setEditing] = useState(false);
  const [moving, setMoving] = useState<Moving | null>(null);
  const archived = standing !== null && standing.owner_id === null && standing.pool_id === null;
  const done = (): void => {
    setEditing(false);
    onChanged();
  };
  return (
    <div class="customer-pane">
      <header class="who">
        <Avatar name={customer.name} city={customer.city} large />
        <h2>{customer.name}</h2>
        <p>{archived ? customers("archived") : holderWords(standing)}</p>
      </header>
      <div class="buttons pane-buttons">
        {may("POST /v1/desk/customers/{customer_id}") && (
          <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setEditing(true)}>
            {customers("edit")}
          </button>
        )}
        {!archived && may("POST /v1/desk/customers/{customer_id}/transfer") && (
          <>
            {(["transfer", "release", "archive"] as const).map((kind) => (
              <button
                key={kind}
                aria-haspopup="dialog"
                class="small"
                {...needsServer()}
                onClick={() => setMoving({ kind, lines: [{ customer, standing }] })}
              >
                {customers(kind === "transfer" ? "give" : kind)}
              </button>
            ))}
          </>
        )}
      </div>
      {archived && may("GET /v1/desk/archivals") && (
        <Gone id={customer.id} onBack={(line) => setMoving({ kind: "unarchive", lines: [line] })} />
      )}
      <section>
        <h2>{customers("details")}</h2>
        <Facts customer={customer} />
      </section>
      <Why customer={customer} />
      <Contacts shown={shown} onChanged={onChanged} />
      {may("GET /v1/desk/quotes") && <Quotes id={customer.id} linked={false} />}
      <Owed id={customer.id} />
      {editing && <EditCustomer customer={customer} onClose={done} />}
      {moving !== null && <Move moving={moving} onClose={() => setMoving(null)} onDone={onChanged} />}
    </div>
  );
}

function Contacts({ shown: { customer, contacts }, onChanged }: KnownGiven): JSX.Element {
  const [open, setOpen] = useState<Contact | "new" | null>(null);
  const changes = may("POST /v1/desk/contacts");
  const words = (one: Contact): string => [one.title, one.phone, one.email].filter(Boolean).join(" · ");
  const done = (): void => {
    setOpen(null);
    onChanged();
  };
  return (
    <section>
      <h2>{say("contacts")}</h2>
      <div class="card list">
        {contacts.map((one) => (
          <div class="row" key={one.id}>
            <Avatar name={one.name} />
            <span class="grow">
              <b>{one.name}</b>
              <small>{words(one)}</small>
            </span>
            {changes && (
              <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setOpen(one)}>
                {customers("edit")}
                <span class="unseen">{one.name}</span>
              </button>
            )}
          </div>
        ))}
        {contacts.length === 0 && <p class="row">{say("no_contacts")}</p>}
      </div>
      {changes && (
        <button aria-haspopup="dialog" class="wide" {...needsServer()} onClick={() => setOpen("new")}>
          {say("add_contact")}
        </button>
      )}
      {open !== null && <EditContact customer={customer} contact={open === "new" ? null : open} onClose={done} />}
    </section>
  );
}

interface ContactGiven {
  readonly customer: Customer;
  readonly contact: Contact | null;
  readonly onClose: () => void;
}

function EditContact({ customer, contact, onClose }: ContactGiven): JSX.Element {
  const [id] = useState(() => contact?.id ?? phone.newId()); // the same request again makes no second one
  const save = async (written: Written): Promise<Told | null> => {
    const texts = SLOTS.map((slot) => [slot, written.text(slot)] as const);
    const changed = Object.fromEntries(texts.filter(([slot, text]) => text !== contact?.[slot]));
    const bases = Object.fromEntries(Object.keys(changed).map((slot) => [slot, contact?.rev ?? 0]));
    try {
      if (contact === null) await give("/v1/desk/contacts", { id, values: { customer_id: customer.id, ...Object.fromEntries(texts) } });
      else if (Object.keys(changed).length > 0) await give(`/v1/desk/contacts/${id}`, { values: changed, bases });
    } catch (error) {
      return told(error);
    }
    tell({ text: say("contact_saved") });
    return null;
  };
  return (
    <Sheet title={contact?.name ?? say("add_contact")} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose}>
        {SLOTS.map((slot, at) => (
          <TextField
            key={slot}
            label={fieldWord(entityNumber("contact"), slot)}
            name={slot}
            value={contact?.[slot] ?? ""}
            most={LETTERS_MAX[slot]}
            lines={slot === "note" ? 3 : 1}
            mode={slot === "phone" ? "tel" : slot === "email" ? "email" : "text"}
            needed={slot === "name"}
            first={at === 0}
          />
        ))}
      </Form>
    </Sheet>
  );
}
