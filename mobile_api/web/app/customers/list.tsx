/** All customers of this phone: search, filters, thousands without a stutter. */

import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Tier, type Customer } from "../../client/src/index.ts";
import { ago, count, dayWord, distance } from "../../shell/format.ts";
import { today } from "../../shell/form.tsx";
import { lastContacts } from "../../shell/happened.ts";
import { Icon } from "../../shell/icons.tsx";
import { language } from "../../shell/language.ts";
import { Avatar, Empty, LongList, TopBar } from "../../shell/parts.tsx";
import { all, records } from "../../shell/phone.ts";
import { distanceTo, fix, searching, watchPosition } from "../../shell/position.ts";
import { href } from "../../shell/router.ts";
import { SearchField } from "../../shell/search.tsx";
import { DaysLeft } from "../countdown/countdown.tsx";
import { ruleNow } from "../../shell/reclaim.ts";
import { countdownOf, isSoon } from "../countdown/look.ts";
import { dueDays, matching, placed, prepareSearch, unsent, wanted, type Wanted } from "./look.ts";
import { say } from "./texts.ts";

const ROW_PX = 72;

/** The one thing about a customer that matters most now. */
function Side({ customer }: { readonly customer: Customer }): JSX.Element {
  if (unsent().has(customer.id)) return <span class="chip wait">{say("waits")}</span>;
  const far = wanted.value.near ? distanceTo(placed(customer)) : null;
  if (far !== null) return <small class="side">{distance(far)}</small>;
  const counted = countdownOf(customer.id);
  if (counted !== null && isSoon(counted)) return <DaysLeft counted={counted} />;
  const due = dueDays().get(customer.id);
  if (due !== undefined && due <= today()) return <span class={due < today() ? "chip hot" : "chip wait"}>{dayWord(due)}</span>;
  const last = lastContacts().get(customer.id);
  return <small class="side">{last === undefined ? "" : ago(last)}</small>;
}

function CustomerRow(customer: Customer): JSX.Element {
  return (
    <a class="row" href={href(`customers/${customer.id}`)}>
      <Avatar name={customer.name} city={customer.city} />
      <span class="grow">
        <b>{customer.name}</b>
        <small>{[customer.city, customer.address].filter(Boolean).join(" · ")}</small>
      </span>
      <Side customer={customer} />
    </a>
  );
}

const TIERS: readonly [Tier, "tier_a" | "tier_b" | "tier_c"][] = [
  [Tier.a, "tier_a"],
  [Tier.b, "tier_b"],
  [Tier.c, "tier_c"],
];

interface Choice {
  readonly word: string;
  readonly on: boolean;
  /** What changes when it is touched. */
  readonly change: Partial<Wanted>;
}

function choices({ whose, due, falling, tier, near }: Wanted): Choice[] {
  return [
    { word: say("near"), on: near, change: { near: !near } },
    { word: say("due"), on: due, change: { due: !due } },
    ...(falling || ruleNow() !== null ? [{ word: say("falling"), on: falling, change: { falling: !falling } }] : []),
    { word: say("mine"), on: whose === "mine", change: { whose: whose === "mine" ? null : "mine" } },
    { word: say("shared"), on: whose === "shared", change: { whose: whose === "shared" ? null : "shared" } },
    ...TIERS.map(([one, word]) => ({ word: say(word), on: tier === one, change: { tier: tier === one ? null : one } })),
  ];
}

function Filters(): JSX.Element {
  return (
    <div class="filters" role="group" aria-label={say("filters")}>
      {choices(wanted.value).map(({ word, on, change }) => [
        <button key={word} aria-pressed={on} onClick={() => (wanted.value = { ...wanted.value, ...change })}>
          {word}
        </button>,
        change.near === false && (
          <a key="around" class="button" href={href("nearby")}>
            {say("with_pool")}
          </a>
        ),
      ])}
    </div>
  );
}

/** How many there are, and what stands in the way of the distance. */
function Count({ number }: { readonly number: number }): JSX.Element {
  const waits = wanted.value.near && fix.value === null;
  const word = searching.value === "refused" ? "position_refused" : searching.value === "failed" ? "position_failed" : "position_searching";
  return (
    <small role="status" aria-live="polite">
      {say("found", { n: count(number) })}
      {waits && ` · ${say(word)}`}
    </small>
  );
}

export function Customers(): JSX.Element {
  const { near } = wanted.value;
  useEffect(() => (near ? watchPosition() : undefined), [near]);
  useEffect(prepareSearch, [records.value, language.value]);
  const here = near ? fix.value : null;
  const found = useMemo(() => matching(wanted.value), [wanted.value, records.value, language.value, here]);
  return (
    <>
      <TopBar title={say("customers")}>
        <a class="button bare" href={href("customers/new")} aria-label={say("new_customer")}>
          <Icon name="plus" />
        </a>
      </TopBar>
      <div class="tools">
        <SearchField word={say("search")} value={wanted.value.words} onWords={(words) => (wanted.value = { ...wanted.value, words })} />
        <Filters />
        <Count number={found.length} />
      </div>
      <main class="flush">
        {found.length > 0 && (
          <LongList items={found} height={ROW_PX} row={CustomerRow} keyed={(customer) => customer.id} label={say("customers")} />
        )}
        {found.length === 0 && <Empty icon="search">{say(all("customer").length === 0 ? "no_customers" : "no_match")}</Empty>}
      </main>
    </>
  );
}
