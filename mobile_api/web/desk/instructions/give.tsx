/** The form by which a manager gives an instruction: to people, to a department, or to those who follow customers up. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Priority, Problem, Requires, type Customer, type Id, type Instruction } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { count } from "../../shell/format.ts";
import { ChoiceField, Form, TextField, type Written } from "../../shell/form.tsx";
import { Empty, Sheet } from "../../shell/parts.tsx";
import { phone, sync } from "../../shell/phone.ts";
import { isTold, told, type Told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { receivers } from "../../shell/team.ts";
import { lockedAway } from "../away.tsx";
import { named } from "../named.ts";
import { fieldHead, headed, valuesIn } from "../words_of.ts";
import { DueFields, dueIn } from "./due.tsx";
import { listed, Recipients, type To } from "./recipients.tsx";
import { say } from "./texts.ts";

type About = Pick<Customer, "id" | "name">;

const PATH = "/v1/desk/instructions";
const TEXT_LETTERS_MAX = 4_000;
const REQUIRED = [
  [Requires.nothing, "requires_nothing"],
  [Requires.reply, "requires_reply"],
  [Requires.visit, "requires_visit"],
] as const;

interface Instructed {
  readonly items: readonly Instruction[];
}

/** To whom it goes, by the form of the request that fits; or why it goes to nobody. */
function recipients(written: Written, customers: readonly About[]): object | Told {
  const to = customers.length > 1 ? "followers" : (written.text("to") as To);
  if (to === "department") return { department_id: written.text("department") };
  if (to === "followers" && customers.length === 0)
    return { happened: say("no_customer_chosen"), means: say("not_given"), next: say("no_customer_chosen_next") };
  if (to === "followers") return { followers: true };
  const people = listed(written.text("people"));
  if (people.length === 0) return { happened: say("nobody_chosen"), means: say("not_given"), next: say("nobody_chosen_next") };
  return people.length === 1 ? { rep_id: people[0] } : { user_ids: people };
}

/** What is asked of each, without the customer; or why it cannot be. */
function asked(written: Written, customers: readonly About[]): object | Told {
  const due = dueIn(written);
  if (due !== null && typeof due === "object") return due;
  const requires = written.number("requires");
  if (requires === Requires.visit && customers.length === 0)
    return { happened: say("no_visit_place"), means: say("not_given"), next: say("no_visit_place_next") };
  const who = recipients(written, customers);
  if (isTold(who)) return who;
  return { ...who, text: written.text("text"), place: written.text("place"), priority: written.number("priority"), due_ms: due, requires };
}

/** One request for each customer, or one without any. Those that were given before stay given: the same id gives nothing twice (D-806). */
class Giving {
  private readonly ids = new Map<Id, Id>();
  private readonly done = new Set<Id>();

  async each(customers: readonly About[], body: object): Promise<Told | null> {
    let people = 0;
    for (const customer of customers.length === 0 ? [null] : customers) {
      const key = customer?.id ?? "";
      if (this.done.has(key)) continue;
      if (!this.ids.has(key)) this.ids.set(key, phone.newId());
      try {
        people += (await give<Instructed>(PATH, { ...body, id: this.ids.get(key), customer_id: customer?.id ?? null })).items.length;
      } catch (error) {
        return this.failed(error, customer);
      }
      if (customers.length > 1) this.done.add(key);
    }
    tell({ text: customers.length > 1 ? say("given_each", { n: count(customers.length) }) : say("given", { n: count(people) }) });
    void sync();
    return null;
  }

  private failed(error: unknown, customer: About | null): Told {
    const isOther = error instanceof Problem && error.code === "out_of_scope" && customer !== null;
    const why = isOther ? { happened: say("not_theirs"), means: say("not_given"), next: say("not_theirs_next") } : told(error);
    if (this.done.size === 0 || customer === null) return why;
    return { ...why, happened: `${customer.name}: ${why.happened}`, means: say("given_some", { n: count(this.done.size) }) };
  }
}

interface SheetGiven {
  /** About what it is from the start; several: one instruction for each. */
  readonly customers?: readonly About[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function GiveSheet({ customers = [], onDone, onClose }: SheetGiven): JSX.Element {
  const people = receivers();
  const [giving] = useState(() => new Giving());
  const [customer, setCustomer] = useState(customers.length === 1 ? customers[0]!.id : "");
  const about = customers.length > 1 ? customers : [named(customer)].filter((known) => known !== null);
  const save = (written: Written): Promise<Told | null> | Told => {
    const of = written.text("to") === "department" ? [] : about;
    const body = asked(written, of);
    return isTold(body) ? body : giving.each(of, body);
  };
  if (people.length === 0)
    return (
      <Sheet title={say("give")} onClose={onClose}>
        <Empty icon="task">{say("nobody")}</Empty>
      </Sheet>
    );
  return (
    <Sheet title={say("give")} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onDone} onCancel={onClose} saveWord={say("give")}>
        <TextField label={say("text")} name="text" lines={3} most={TEXT_LETTERS_MAX} needed first />
        {customers.length > 1 ? (
          <p class="lead">
            {say("each", { n: count(customers.length) })}{" "}
            {customers
              .slice(0, 5)
              .map(({ name }) => name)
              .join(", ")}
            {customers.length > 5 && " …"}
          </p>
        ) : (
          <Recipients customer={customer} onCustomer={setCustomer} fromCustomer={customers.length === 1} />
        )}
        <DueFields word="due_day" />
        <ChoiceField
          label={fieldHead("instruction", "priority")}
          name="priority"
          choices={valuesIn("instruction.priority")}
          value={String(Priority.normal)}
        />
        <ChoiceField
          label={say("requires")}
          name="requires"
          choices={REQUIRED.map(([value, text]) => [value, headed(say(text))] as const)}
          value={Requires.nothing}
        />
        <TextField label={fieldHead("instruction", "place")} name="place" hint={say("place_hint")} />
      </Form>
    </Sheet>
  );
}
