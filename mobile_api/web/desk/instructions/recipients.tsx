/** To whom an instruction goes, and about which customer. */

import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Customer, Id } from "../../client/src/index.ts";
import { byName } from "../../shell/format.ts";
import { ChoiceField, SelectField } from "../../shell/form.tsx";
import { all, byId } from "../../shell/phone.ts";
import { Picker, type PickerOf } from "../../shell/picker.tsx";
import { ask } from "../../shell/rest.ts";
import { isAdmin, isManager, ownDepartments, receivers } from "../../shell/team.ts";
import { personName } from "../../shell/words.ts";
import { useLive } from "../heard.tsx";
import { keepNamed, named } from "../named.ts";
import { choicesOf } from "../words_of.ts";
import { PeoplePicker, useHeld } from "./people.tsx";
import { say } from "./texts.ts";

export type To = "people" | "department" | "followers";

export const listed = (ids: string): readonly Id[] => ids.split(",").filter(Boolean);

/** Who follows a customer up, as far as this desk knows. */
function followersOf(customerId: Id): ReadonlySet<Id> {
  const beside = all("collaborator").filter(({ customer_id }) => customer_id === customerId);
  const owner = byId("standing").get(customerId)?.owner_id ?? null;
  return new Set([...beside.map(({ user_id }) => user_id), ...(owner === null ? [] : [owner])]);
}

/** Customers that each of these people follows up; without people, all that somebody follows up. */
function customersOf(people: readonly Id[]): readonly Customer[] {
  return byName(
    all("customer").filter(({ id }) => {
      const followers = followersOf(id);
      return people.length === 0 ? followers.size > 0 : people.every((person) => followers.has(person));
    }),
  );
}

/** A sheet above the form: the Enter key in its search does not send the form. */
function Apart({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <div onKeyDown={(event) => event.key === "Enter" && (event.target as Element).tagName === "INPUT" && event.preventDefault()}>
      {children}
    </div>
  );
}

interface RecipientsGiven {
  readonly customer: Id | "";
  readonly onCustomer: (id: Id | "") => void;
  readonly fromCustomer: boolean;
}

export function Recipients({ customer, onCustomer, fromCustomer }: RecipientsGiven): JSX.Element {
  const [to, setTo] = useState<To>(fromCustomer ? "followers" : "people");
  const [people, setPeople] = useState("");
  const departments = isAdmin() ? byName(all("department")) : ownDepartments();
  const ways: readonly (readonly [To, string])[] = [
    ["people", say("to_people")],
    ...(departments.length > 0 && !fromCustomer ? [["department", say("to_department")] as const] : []),
    ["followers", say("to_followers")],
  ];
  return (
    <>
      <div onChange={(event) => (event.target as HTMLInputElement).name === "to" && setTo((event.target as HTMLInputElement).value as To)}>
        <ChoiceField label={say("to")} name="to" choices={ways} value={fromCustomer ? "followers" : "people"} />
      </div>
      <People value={people} onValue={setPeople} shown={to === "people"} />
      {to === "department" && (
        <SelectField
          label={say("department")}
          name="department"
          choices={choicesOf(departments) as (readonly [string, string])[]}
          value=""
          needed
        />
      )}
      <CustomerField
        value={customer}
        onValue={onCustomer}
        people={to === "people" ? listed(people) : []}
        shown={to !== "department"}
        needed={to === "followers"}
      />
    </>
  );
}

interface HeldGiven<T extends string> {
  readonly value: T;
  readonly onValue: (value: T) => void;
  readonly shown: boolean;
}

function People({ value, onValue, shown }: HeldGiven<string>): JSX.Element {
  const [picking, setPicking] = useState(false);
  const { field, choose } = useHeld({ name: "people", value: "", onValue });
  const chosen = listed(value);
  return (
    <>
      {field}
      {shown && (
        <p class="field">
          <span>{say("people")}</span>
          <button type="button" aria-haspopup="dialog" onClick={() => setPicking(true)}>
            {chosen.length === 0 ? say("add_people") : chosen.map((id) => personName(id)).join(", ")}
          </button>
        </p>
      )}
      {picking && (
        <Apart>
          <PeoplePicker
            people={receivers()}
            chosen={new Set(chosen)}
            onChoose={(next) => choose([...next].join(","))}
            onClose={() => setPicking(false)}
          />
        </Apart>
      )}
    </>
  );
}

interface CustomerGiven extends HeldGiven<Id | ""> {
  readonly people: readonly Id[];
  readonly needed: boolean;
}

function CustomerField({ value, onValue, shown, people, needed }: CustomerGiven): JSX.Element {
  const [picking, setPicking] = useState(false);
  const { field, choose } = useHeld({ name: "customer", value, onValue });
  const customers = useMemo(() => (picking ? customersOf(people) : []), [picking, people.join()]);
  const none = say(needed ? "choose_customer" : "choose_customer_optional");
  return (
    <>
      {field}
      {shown && (
        <p class="field">
          <span>{say("customer")}</span>
          <button type="button" aria-haspopup="dialog" onClick={() => setPicking(true)}>
            {value === "" ? none : (named(value)?.name ?? "…")}
          </button>
        </p>
      )}
      {shown && value !== "" && (
        <button type="button" class="bare" onClick={() => choose("")}>
          {say("no_customer")}
        </button>
      )}
      {picking && (
        <Apart>
          <CustomerPicker
            items={customers}
            onPick={(customer) => {
              keepNamed({ ...customer, standing: byId("standing").get(customer.id) ?? null });
              choose(customer.id);
              setPicking(false);
            }}
            onClose={() => setPicking(false)}
          />
        </Apart>
      )}
    </>
  );
}

interface PickerGiven {
  readonly items: readonly Customer[];
  readonly onPick: (customer: Customer) => void;
  readonly onClose: () => void;
}

/** Of the customers that this desk holds; an admin, who holds none, finds all by the server. */
function CustomerPicker({ items, ...asked }: PickerGiven): JSX.Element {
  const given = {
    ...asked,
    title: say("choose_customer"),
    text: ({ name, city }: Customer) => `${name} ${city}`,
    keyed: ({ id }: Customer) => id,
    name: ({ name }: Customer) => name,
    line: ({ city, address }: Customer) => [city, address].filter(Boolean).join(" · "),
  };
  return isManager() ? <Picker {...given} items={items} /> : <FoundPicker {...given} />;
}

function FoundPicker(given: Omit<PickerOf<Customer>, "items">): JSX.Element {
  const [words, setWords] = useState("");
  const found = useLive(() => askCustomers(words), [words]);
  return <Picker {...given} items={found.value ?? []} onWords={setWords} />;
}

const askCustomers = async (words: string): Promise<readonly Customer[]> =>
  (await ask<{ readonly items: readonly Customer[] }>(`/v1/desk/customers?search=${encodeURIComponent(words.trim())}`)).items;
