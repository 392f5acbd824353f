/** One customer at the desk: facts, people, collaborators, quotes, what happened, and the history of its fields. */

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Customer, Event, Id, Quote } from "../../client/src/index.ts";
import { ago, dateWord, dayOf, dayWord, money } from "../../shell/format.ts";
import { Avatar, TopBar } from "../../shell/parts.tsx";
import { all, one } from "../../shell/phone.ts";
import { features } from "../../shell/registry.ts";
import { ask, pages } from "../../shell/rest.ts";
import { spares } from "../../shell/reclaim.ts";
import { href } from "../../shell/router.ts";
import { entityNumber, fieldWord, idWords, personName, valueWords } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { FactList } from "../fact_list.tsx";
import { Happening, worthTelling } from "../happenings.tsx";
import { History } from "../history.tsx";
import { Heard, useLive } from "../heard.tsx";
import { colon } from "../words_of.ts";
import { aloneUntil, LeaveAlone } from "./alone.tsx";
import { Gone } from "./archived.tsx";
import { Collaborators } from "./collaborators.tsx";
import { EditCustomer } from "./edit.tsx";
import { Lock, lockedUntil } from "./lock.tsx";
import { lines } from "./look.ts";
import { Move, type Moving } from "./move.tsx";
import { Owed } from "./owed.tsx";
import { say } from "./texts.ts";

const YEAR_MS = 365 * 86_400_000;
const FACTS = [
  "phone",
  "city",
  "address",
  "industry",
  "kind",
  "registration_number",
  "size",
  "stock_listing",
  "earnings",
  "note",
  "tags",
] as const;

export function Facts({ customer }: { readonly customer: Customer }): JSX.Element {
  const entity = entityNumber("customer");
  const isKnown = (value: unknown): boolean => !(value === "" || value === 0 || (Array.isArray(value) && value.length === 0));
  const words = (slot: (typeof FACTS)[number]): ComponentChildren =>
    slot === "phone" && customer.phone !== "" ? (
      <a href={`tel:${customer.phone}`}>{customer.phone}</a>
    ) : (
      valueWords(entity, slot, customer[slot])
    );
  const shown = FACTS.filter((slot) => isKnown(customer[slot]) || slot === "phone");
  return <FactList card facts={shown.map((slot) => [fieldWord(entity, slot), words(slot)] as const)} />;
}

function FollowUps({ customer }: { readonly customer: Customer }): JSX.Element | null {
  const open = all("follow_up").filter(({ customer_id, done }) => customer_id === customer.id && !done);
  if (open.length === 0) return null;
  const today = dayOf(Date.now());
  return (
    <section>
      <h2>{say("follow_ups")}</h2>
      <div class="card list">
        {open.map(({ id, due_day, purpose, author_id }) => (
          <div class="row" key={id}>
            <span class={due_day < today ? "chip hot" : "chip"}>{dayWord(due_day)}</span>
            <span class="grow">
              <b>{purpose}</b>
              <small>{personName(author_id)}</small>
            </span>
          </div>
        ))}
      </div>
    </section>
  );
}

interface QuotesGiven {
  readonly id: Id;
  /** Whether each has a screen of its own here. */
  readonly linked?: boolean;
}

export function Quotes({ id, linked = true }: QuotesGiven): JSX.Element {
  const heard = useLive(() => pages<Quote>(`/v1/desk/quotes?customer_id=${id}`), [id]);
  const newest = [...(heard.value ?? [])].reverse();
  return (
    <section>
      <h2>{say("quotes")}</h2>
      <Heard of={heard} />
      {heard.value !== null && (
        <div class="card list">
          {newest.map((quote) => (
            <a class="row" key={quote.id} {...(linked ? { href: href(`quotes/${quote.id}`) } : {})}>
              <span class="grow">
                <b>{quote.number || quote.local_number || quote.title || say("quotes")}</b>
                <small>{[quote.title, personName(quote.author_id)].filter(Boolean).join(" · ")}</small>
              </span>
              <span class="chip">{valueWords(entityNumber("quote"), "status", quote.status)}</span>
              <b>{money(quote.gross_minor, quote.currency)}</b>
            </a>
          ))}
          {newest.length === 0 && <p class="row">{say("none")}</p>}
        </div>
      )}
    </section>
  );
}

function WhatHappened({ id }: { readonly id: Id }): JSX.Element {
  const since = Date.now() - YEAR_MS;
  const heard = useLive(() => ask<{ readonly items: readonly Event[] }>(`/v1/desk/timeline?since_ms=${since}&customer_id=${id}`), [id]);
  return (
    <section>
      <h2>{say("timeline")}</h2>
      {heard.value?.items.length === 0 && <p class="lead">{say("nothing")}</p>}
      {heard.value !== null && heard.value.items.length > 0 && (
        <ol class="card feed">
          {heard.value.items.filter(worthTelling).map((event) => (
            <Happening key={`${event.id} ${event.rev} ${event.what} ${event.group}`} event={event} bare />
          ))}
        </ol>
      )}
    </section>
  );
}

/** All about one customer; of one that left the manager's scope, that it did, beside the result of the move that took it away. */
export function CustomerPane({ id }: { readonly id: Id }): JSX.Element {
  const [moving, setMoving] = useState<Moving | null>(null);
  const customer = one("customer", id);
  const move = (kind: Moving["kind"]): void => setMoving({ kind, lines: lines().filter((line) => line.customer.id === id) });
  return (
    <>
      {customer === null ? (
        <Gone id={id} onBack={(line) => setMoving({ kind: "unarchive", lines: [line] })} />
      ) : (
        <Known customer={customer} onMove={move} />
      )}
      {moving !== null && <Move moving={moving} onClose={() => setMoving(null)} onDone={() => undefined} />}
    </>
  );
}

interface KnownGiven {
  readonly customer: Customer;
  readonly onMove: (kind: Moving["kind"]) => void;
}

function Known({ customer, onMove }: KnownGiven): JSX.Element {
  const { id } = customer;
  const [editing, setEditing] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [locking, setLocking] = useState(false);
  const [history, setHistory] = useState(false);
  const standing = one("standing", id);
  const held = standing?.owner_id
    ? say("server_owned", { name: personName(standing.owner_id) })
    : standing?.pool_id
      ? say("of_pool", { name: idWords("pool_id", standing.pool_id) })
      : say("unowned");
  const quiet = aloneUntil(customer);
  const locked = lockedUntil(customer);
  const last = standing?.last_contact_ms ?? null;
  return (
    <div class="customer-pane">
      <header class="who">
        <Avatar name={customer.name} city={customer.city} large />
        <h2>{customer.name}</h2>
        <p>{held}</p>
        <p>{say("last_contact") + colon() + (last === null ? say("never") : ago(last))}</p>
        {locked !== null && (
          <p>
            {[say(spares("locked") ? "lock_now" : "lock_now_in_vain", { day: dateWord(locked) }), standing?.lock_reason]
              .filter(Boolean)
              .join(" · ")}
          </p>
        )}
        {quiet !== null && <p>{say("alone_now", { day: dayWord(quiet) })}</p>}
      </header>
      <div class="buttons pane-buttons">
        <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setEditing(true)}>
          {say("edit")}
        </button>
        <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => onMove("transfer")}>
          {say("give")}
        </button>
        <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => onMove("release")}>
          {say("release")}
        </button>
        <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => onMove("archive")}>
          {say("archive")}
        </button>
        <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setLeaving(true)}>
          {say("alone")}
        </button>
        {standing?.owner_id && (
          <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setLocking(true)}>
            {say(locked === null ? "lock" : "unlock")}
          </button>
        )}
        {features().actions.map(({ View }, at) => (
          <View key={at} customer={customer} />
        ))}
      </div>
      <section>
        <h2>{say("details")}</h2>
        <Facts customer={customer} />
      </section>
      {features().customer.map(({ View }, at) => (
        <View key={at} customer={customer} />
      ))}
      <FollowUps customer={customer} />
      <Collaborators customer={customer} />
      <Quotes id={id} />
      <Owed id={id} />
      <WhatHappened id={id} />
      <section>
        <button class="bare" aria-expanded={history} onClick={() => setHistory(!history)}>
          {say("history")}
        </button>
        {history && <History name="customer" id={id} />}
      </section>
      {locking && <Lock customer={customer} onClose={() => setLocking(false)} />}
      {leaving && <LeaveAlone customer={customer} onClose={() => setLeaving(false)} />}
      {editing && <EditCustomer customer={customer} onClose={() => setEditing(false)} />}
    </div>
  );
}

export function CustomerScreen({ id }: { readonly id: Id }): JSX.Element {
  return (
    <>
      <TopBar title={one("customer", id)?.name ?? say("customers")} before="customers" />
      <main class="one-customer">
        <CustomerPane id={id} />
      </main>
    </>
  );
}
