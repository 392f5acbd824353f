/** One customer: who, where, whom to call, and the sections that features bring; also one whose claim waits, or was lost. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ArchivalState, CustomerKind, NotificationState, type Customer, type Id } from "../../client/src/index.ts";
import { OpenCard } from "../../shell/cards/card.tsx";
import { claimed, type Claimed } from "../../shell/claimed.ts";
import { ago, distance } from "../../shell/format.ts";
import { lastContacts } from "../../shell/happened.ts";
import { Icon } from "../../shell/icons.tsx";
import { Avatar, Empty, TopBar } from "../../shell/parts.tsx";
import { all, one } from "../../shell/phone.ts";
import { distanceTo } from "../../shell/position.ts";
import { features } from "../../shell/registry.ts";
import { personName } from "../../shell/words.ts";
import { kindWord } from "./facts.tsx";
import { placed, unsent } from "./look.ts";
import { say } from "./texts.ts";

/** For the map app of the phone: such an address is in WGS-84, whatever the datum in which the place was measured. */
function routeTo(customer: Customer): string | null {
  const { wgs_latitude_e6: latitude, wgs_longitude_e6: longitude } = placed(customer);
  if (latitude === null || longitude === null) return null;
  const point = `${latitude / 1e6},${longitude / 1e6}`;
  return `geo:${point}?q=${point}(${encodeURIComponent(customer.name)})`;
}

function Reach({ customer }: { readonly customer: Customer }): JSX.Element {
  const far = distanceTo(placed(customer));
  const place = routeTo(customer);
  return (
    <>
      <a class="action" {...(customer.phone === "" ? { "aria-disabled": true, role: "link" } : { href: `tel:${customer.phone}` })}>
        <Icon name="call" />
        {say("call")}
      </a>
      <a class="action" {...(place === null ? { "aria-disabled": true, role: "link" } : { href: place })}>
        <Icon name="route" />
        <span>
          {say("navigate")}
          {far !== null && <small>{distance(far)}</small>}
        </span>
      </a>
    </>
  );
}

/** What becomes of the customer and of all that is entered here; after the loss, what became of each entry. */
function Claim({ lost }: Claimed): JSX.Element {
  if (lost !== null) return <OpenCard item={lost} />;
  return (
    <section class="card claim">
      <p class="chip wait">
        <Icon name="up" />
        {say("claim_waits")}
      </p>
      <p class="lead">{say("claim_means")}</p>
    </section>
  );
}

function Head({ customer, claim }: Given): JSX.Element {
  const last = lastContacts().get(customer.id) ?? null;
  const kind = customer.kind === CustomerKind.unknown ? "" : kindWord(customer.kind);
  return (
    <section class="who">
      <Avatar name={customer.name} city={customer.city} large />
      <h1 tabIndex={-1}>{customer.name}</h1>
      <p>{[customer.city, customer.industry, kind].filter(Boolean).join(" · ")}</p>
      {claim === null && <p>{last === null ? say("never_contacted") : say("last_contact", { when: ago(last) })}</p>}
      {unsent().has(customer.id) && claim === null && (
        <p class="chip wait">
          <Icon name="up" />
          {say("waits")}
        </p>
      )}
    </section>
  );
}

interface Given {
  readonly customer: Customer;
  /** Null: the customer is on this phone. */
  readonly claim: Claimed | null;
}

/**
 * One tree for all three, so that a form which is open stays open when the claim is won or lost meanwhile: where a lost one was open
 * before, its sections stay.
 */
function Page({ customer, claim }: Given): JSX.Element {
  const [whole] = useState(claim?.lost == null);
  return (
    <>
      <TopBar title={customer.name} before={claim === null ? "customers" : "pool"} bare />
      <main class="columns">
        <Head customer={customer} claim={claim} />
        {claim !== null && <Claim {...claim} />}
        <div class={claim === null ? "actions" : "actions few"}>
          {claim === null && <Reach customer={customer} />}
          {features().actions.map(({ View }, at) => (
            <View key={at} customer={customer} />
          ))}
        </div>
        {features().customer.map(
          ({ View, claimed: fits }, at) => (claim === null || (whole && fits)) && <View key={at} customer={customer} />,
        )}
      </main>
    </>
  );
}

/** Why a customer is not on this phone: it was archived, or anything else. */
function goneWords(id: Id): string {
  const archival = all("archival").find(({ customer_id, state }) => customer_id === id && state === ArchivalState.archived);
  if (archival !== undefined) return say("archived", { name: personName(archival.by_id), reason: archival.reason });
  const told = all("notification").some((one) => one.kind === "archived" && one.subject_id === id && one.state !== NotificationState.done);
  return say(told ? "archived_bare" : "gone");
}

export function CustomerScreen({ id }: { readonly id: Id }): JSX.Element {
  const customer = one("customer", id);
  const claim = claimed(id, say("unnamed"));
  if (customer === null && claim === null) {
    return (
      <>
        <TopBar title={say("customers")} before="customers" />
        <Empty icon="search">{goneWords(id)}</Empty>
      </>
    );
  }
  return <Page key={id} customer={customer ?? claim!.customer} claim={claim} />;
}
