/** Products, price books with their prices, custom fields, and the organisation itself (admin). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Organisation as Profile, PriceBook, Product } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import type { Feature, Shown } from "../../shell/feature.ts";
import { ChoiceField, Form, TextField, TimeField } from "../../shell/form.tsx";
import { Empty } from "../../shell/parts.tsx";
import { told } from "../../shell/problems.ts";
import { ask, give, pages } from "../../shell/rest.ts";
import { lockedAway } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import { Kept } from "../kept/kept.tsx";
import { Parts } from "../parts_of.tsx";
import { choicesOf, fieldHead, valuesIn } from "../words_of.ts";
import { bookKind, cityKind, fieldKind, priceKind, productKind, ruleKind } from "./kinds.ts";
import { may } from "../may.ts";
import { say } from "./texts.ts";
import { Trial } from "./trial.tsx";

const Products = (): JSX.Element => <Kept kind={productKind()} />;
const Books = (): JSX.Element => <Kept kind={bookKind()} />;
const Cities = (): JSX.Element => <Kept kind={cityKind()} />;
const Rules = (): JSX.Element => <Kept kind={ruleKind()} tools={<Trial />} />;
const Fields = (): JSX.Element => <Kept kind={fieldKind()} />;

/** The prices of one book, which is chosen above them. */
function Prices({ rest: [wanted = ""] }: Shown): JSX.Element {
  const asked = useLive(() => Promise.all([pages<PriceBook>("/v1/desk/price-books"), pages<Product>("/v1/desk/products")]));
  const [chosen, setChosen] = useState("");
  return (
    <Heard of={asked}>
      {([books, products]) => {
        const book = books.find(({ id }) => id === chosen) ?? books[0];
        if (book === undefined) return <Empty icon="customers">{say("no_book")}</Empty>;
        const which = (
          <select aria-label={say("which_book")} value={book.id} onChange={(event) => setChosen(event.currentTarget.value)}>
            {books.map(({ id, name, currency }) => (
              <option key={id} value={id}>
                {name} · {currency}
              </option>
            ))}
          </select>
        );
        return <Kept key={book.id} kind={priceKind(book, choicesOf(products), wanted)} tools={which} />;
      }}
    </Heard>
  );
}

/** How far from a customer of each kind a visit counts, in metres. */
const FENCES = ["fence_shop_m", "fence_office_m", "fence_plant_m", "fence_other_m"] as const;

function Organisation(): JSX.Element {
  const asked = useLive(() => ask<Profile>("/v1/desk/organisation"));
  const head = (slot: string): string => fieldHead("organisation", slot);
  return (
    <Heard of={asked}>
      {(profile) => (
        <section class="card panel">
          <p class="lead">
            {head("currency")}: {profile.currency}
            {profile.prices_include_tax && ` · ${say("prices_with_tax")}`}
            <br />
            {say("organisation_lead")}
          </p>
          <Form
            {...lockedAway()}
            onSave={(written) =>
              give("/v1/desk/organisation", {
                name: written.text("name"),
                time_zone: written.text("time_zone"),
                follow_up_by_visit: written.text("follow_up_by_visit") === "yes",
                cadence_days: Number(written.text("cadence_days")),
                festivals: written.text("festivals"),
                phone_region: written.text("phone_region").toUpperCase(),
                visit_precision: Number(written.text("visit_precision")),
                visit_days: Number(written.text("visit_days")),
                quiet_from: written.minute("quiet_from"),
                quiet_until: written.minute("quiet_until"),
                ...Object.fromEntries(FENCES.map((slot) => [slot, Number(written.text(slot))])),
              }).then(() => null, told)
            }
            onDone={() => tell({ text: say("saved") })}
          >
            <TextField label={head("name")} name="name" value={profile.name} needed />
            <TextField label={head("time_zone")} name="time_zone" value={profile.time_zone} needed hint={say("zone_hint")} />
            <TextField
              label={head("cadence_days")}
              name="cadence_days"
              value={String(profile.cadence_days)}
              mode="numeric"
              most={4}
              needed
              hint={say("cadence_hint")}
            />
            <ChoiceField
              label={head("follow_up_by_visit")}
              name="follow_up_by_visit"
              value={profile.follow_up_by_visit ? "yes" : "no"}
              choices={[
                ["yes", say("yes")],
                ["no", say("no")],
              ]}
            />
            <fieldset class="field times">
              <legend>{say("quiet")}</legend>
              <TimeField label={head("quiet_from")} name="quiet_from" minute={profile.quiet_from} />
              <TimeField label={head("quiet_until")} name="quiet_until" minute={profile.quiet_until} />
              <small>{say("quiet_hint")}</small>
            </fieldset>
            <TextField label={head("festivals")} name="festivals" value={profile.festivals} most={20} hint={say("festivals_hint")} />
            <TextField
              label={head("phone_region")}
              name="phone_region"
              value={profile.phone_region}
              most={2}
              needed
              hint={say("phone_region_hint")}
            />
            {FENCES.map((slot, at) => (
              <TextField
                key={slot}
                label={head(slot)}
                name={slot}
                value={String(profile[slot])}
                mode="numeric"
                most={4}
                needed
                {...(at === 0 ? { hint: say("fence_hint") } : {})}
              />
            ))}
            <ChoiceField
              label={head("visit_precision")}
              name="visit_precision"
              value={String(profile.visit_precision)}
              choices={valuesIn("organisation.visit_precision")}
            />
            <TextField
              label={head("visit_days")}
              name="visit_days"
              value={String(profile.visit_days)}
              mode="numeric"
              most={3}
              needed
              hint={say("visit_days_hint")}
            />
          </Form>
        </section>
      )}
    </Heard>
  );
}

const title = (): string => say(may("POST /v1/desk/products") ? "catalogue" : "catalogue_only");

function Catalogue({ rest }: Shown): JSX.Element {
  const parts = [
    { to: "", word: say("products"), View: Products },
    { to: "books", word: say("books"), View: Books },
    { to: "prices", word: say("prices"), View: Prices },
    ...(may("POST /v1/desk/products")
      ? [
          { to: "cities", word: say("cities"), View: Cities },
          { to: "rules", word: say("rules"), View: Rules },
          { to: "fields", word: say("fields"), View: Fields },
          { to: "organisation", word: say("organisation"), View: Organisation },
        ]
      : []),
  ];
  return <Parts title={title()} place="catalogue" rest={rest} parts={parts} />;
}

export const CATALOGUE: Feature = {
  screens: { catalogue: Catalogue },
  places: [{ order: 60, to: "catalogue", icon: "quote", word: title, when: () => may("GET /v1/desk/products") }],
};
