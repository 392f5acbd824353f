/** All customers of the manager's scope in a table: filtered, sorted, chosen and moved; one is open beside it. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Tier, type Id } from "../../client/src/index.ts";
import { ago, dayWord } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { language } from "../../shell/language.ts";
import { Avatar, TopBar } from "../../shell/parts.tsx";
import { all, records } from "../../shell/phone.ts";
import { go } from "../../shell/router.ts";
import { isManager } from "../../shell/team.ts";
import { entityNumber, valueWords } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { ArchivedCustomers } from "./archived.tsx";
import { Instruct } from "../instructions/instruct.tsx";
import { Table, type Column } from "../table.tsx";
import { CustomerPane } from "./customer.tsx";
import { cities, dueOf, filters, fitting, NO_FILTERS, owners, type Filters, type Line } from "./look.ts";
import { NewCustomer } from "./edit.tsx";
import { Move, type Moving } from "./move.tsx";
import { Register } from "./register.tsx";
import { may } from "../may.ts";
import { colon } from "../words_of.ts";
import { say } from "./texts.ts";

const BESIDE_PX = 1200;

const chosen = signal<ReadonlySet<string>>(new Set());
/** The customer that is open beside the table. */
const open = signal<Id | null>(null);

const tierWord = (tier: number): string => (tier === 0 ? "" : valueWords(entityNumber("standing"), "tier", tier));

function columns(): Column<Line>[] {
  return [
    {
      name: "name",
      word: say("customers"),
      value: ({ customer }) => customer.name,
      show: ({ customer, owner, dueDay }) => (
        <span class="named">
          <Avatar name={customer.name} city={customer.city} />
          <span class="two">
            <span>{customer.name}</span>
            <small class="narrow-only">
              {[owner, customer.city, dueDay === null ? "" : `${say("due")} ${dayWord(dueDay)}`].filter(Boolean).join(" · ")}
            </small>
          </span>
        </span>
      ),
    },
    { name: "city", word: say("city"), value: ({ customer }) => customer.city, width: 70, wide: true },
    { name: "owner", word: say("owner"), value: ({ owner }) => owner, width: 156, wide: true },
    { name: "tier", word: say("tier"), value: ({ tier }) => tierWord(tier), width: 76, wide: true, roomy: true },
    {
      name: "state",
      word: say("state"),
      value: ({ state }) => say(state),
      show: ({ state }) => <span class={`chip ${state}`}>{say(state)}</span>,
      width: 126,
      wide: true,
    },
    {
      name: "due",
      word: say("due"),
      value: ({ dueDay }) => dueDay,
      text: ({ dueDay }) => (dueDay === null ? "" : dayWord(dueDay)),
      kind: "day",
      show: ({ dueDay }) => (dueDay === null ? "" : <span class={dueOf(dueDay) === "late" ? "chip hot" : ""}>{dayWord(dueDay)}</span>),
      width: 132,
      wide: true,
      roomy: true,
    },
    {
      name: "last",
      word: say("last_contact"),
      value: ({ lastMs }) => lastMs,
      text: ({ lastMs }) => (lastMs === null ? say("never") : ago(lastMs)),
      kind: "moment",
      width: 126,
      wide: true,
      roomy: true,
    },
  ];
}

function Chooser({ name, word, choices }: { readonly name: keyof Filters; readonly word: string; readonly choices: Choices }): JSX.Element {
  const value = filters.value[name];
  return (
    <select
      aria-label={word}
      class={value === "" ? "" : "used"}
      value={value}
      onChange={(event) => (filters.value = { ...filters.value, [name]: event.currentTarget.value })}
    >
      <option value="">{word + colon() + say("all")}</option>
      {choices.map(([one, said]) => (
        <option key={one} value={one}>
          {said}
        </option>
      ))}
    </select>
  );
}

type Choices = readonly (readonly [value: string, word: string])[];

function Choosers(): JSX.Element {
  const tiers = Object.values(Tier).filter((tier) => tier !== Tier.unknown);
  return (
    <div class="selects filters" role="group">
      <Chooser name="owner" word={say("owner")} choices={owners().map(({ id, name }) => [id, name])} />
      <Chooser
        name="state"
        word={say("state")}
        choices={(["owned", "pooled", "unowned", "archived"] as const).map((one) => [one, say(one)])}
      />
      <Chooser name="tier" word={say("tier")} choices={tiers.map((tier) => [String(tier), tierWord(tier)])} />
      <Chooser name="city" word={say("city")} choices={cities().map((city) => [city, city])} />
      <Chooser name="due" word={say("chosen_due")} choices={(["late", "this_week", "no_date"] as const).map((one) => [one, say(one)])} />
      {filters.value !== NO_FILTERS && Object.values(filters.value).some(Boolean) && (
        <button class="bare" onClick={() => (filters.value = NO_FILTERS)}>
          <Icon name="close" />
          {say("all")}
        </button>
      )}
    </div>
  );
}

/** Whoever finds the customers on the server looks into the archive or not. */
function Archive(): JSX.Element {
  return (
    <div class="selects filters" role="group">
      <Chooser name="state" word={say("state")} choices={[["archived", say("archived")]]} />
    </div>
  );
}

export function Customers(): JSX.Element {
  const [moving, setMoving] = useState<Moving | null>(null);
  const [making, setMaking] = useState(false);
  const rows = useMemo(() => fitting(filters.value), [filters.value, records.value, language.value]);
  const heads = useMemo(columns, [language.value]);
  const show = ({ customer }: Line): void => {
    if (isManager() && innerWidth >= BESIDE_PX) open.value = open.value === customer.id ? null : customer.id;
    else go(`customers/${customer.id}`);
  };
  const beside = open.value;
  return (
    <>
      <TopBar title={say("customers")}>
        {may("POST /v1/desk/customers") && (
          <button aria-haspopup="dialog" class="small" {...needsServer()} onClick={() => setMaking(true)}>
            {say("new")}
          </button>
        )}
      </TopBar>
      <main class={beside === null ? "customers" : "customers beside"}>
        <div>
          {isManager() ? <Choosers /> : may("GET /v1/desk/archivals") && <Archive />}
          {filters.value.state === "archived" ? (
            <ArchivedCustomers />
          ) : !isManager() ? (
            <Register />
          ) : (
            <Table
              name="customers"
              title={say("customers")}
              tight={beside !== null}
              columns={heads}
              rows={rows}
              keyed={({ customer }) => customer.id}
              onOpen={show}
              empty={say(all("customer").length > 0 ? "no_customers" : "none_yet")}
              icon="customers"
              choice={{
                keys: chosen.value,
                onChange: (keys) => (chosen.value = keys),
                actions: (picked) => (
                  <>
                    <button
                      aria-haspopup="dialog"
                      class="small"
                      {...needsServer()}
                      onClick={() => setMoving({ kind: "transfer", lines: picked })}
                    >
                      {say("give")}
                    </button>
                    <button
                      aria-haspopup="dialog"
                      class="small"
                      {...needsServer()}
                      onClick={() => setMoving({ kind: "release", lines: picked })}
                    >
                      {say("release")}
                    </button>
                    <button
                      aria-haspopup="dialog"
                      class="small"
                      {...needsServer()}
                      onClick={() => setMoving({ kind: "archive", lines: picked })}
                    >
                      {say("archive")}
                    </button>
                    <Instruct customers={picked.map(({ customer }) => customer)} />
                  </>
                ),
              }}
            />
          )}
        </div>
        {beside !== null && (
          <aside class="pane" aria-label={say("details")}>
            <button class="bare pane-close" aria-label={say("close")} onClick={() => (open.value = null)}>
              <Icon name="close" />
            </button>
            <CustomerPane key={beside} id={beside} />
          </aside>
        )}
      </main>
      {moving !== null && <Move moving={moving} onClose={() => setMoving(null)} onDone={() => (chosen.value = new Set())} />}
      {making && <NewCustomer onClose={() => setMaking(false)} onMade={(id) => show({ customer: { id } } as Line)} />}
    </>
  );
}
