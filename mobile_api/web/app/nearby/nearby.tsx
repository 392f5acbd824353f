/** Around me: customers by distance while the position improves, with filters, and without a network what this phone holds. */

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Relation, Tier, type NearFound, type PoolCard } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { count, dayWord, distance, miles } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Avatar, Empty, LongList, TopBar, Trouble } from "../../shell/parts.tsx";
import { byId, one, online, phone, records, sync } from "../../shell/phone.ts";
import { fix, searching, watchPosition } from "../../shell/position.ts";
import { told, type Told } from "../../shell/problems.ts";
import { href } from "../../shell/router.ts";
import { kindWord } from "../customers/facts.tsx";
import { dueDays } from "../customers/look.ts";
import { say as ofCustomers } from "../customers/texts.ts";
import { CardSheet } from "../pool/hold.tsx";
import { CardRow } from "../pool/pool.tsx";
import { say as ofPool } from "../pool/texts.ts";
import { found, further, industries, isHere, kinds, pools, turnUnit, wanted, type Further, type Wanted } from "./look.ts";
import { say } from "./texts.ts";

const ROW_PX = 84;
const WEEK_DAYS = 7;

type Values = { readonly [K in keyof Wanted]: readonly (readonly [NonNullable<Wanted[K]>, string])[] };

function values(): Values {
  return {
    relation: [
      [Relation.own, ofCustomers("mine")],
      [Relation.collaborated, ofCustomers("shared")],
      [Relation.pooled, ofPool("pool")],
    ],
    due_in: [
      [0, ofCustomers("due")],
      [WEEK_DAYS, say("week")],
    ],
    tier: [
      [Tier.a, ofCustomers("tier_a")],
      [Tier.b, ofCustomers("tier_b")],
      [Tier.c, ofCustomers("tier_c")],
    ],
    kind: kinds().map((kind) => [kind, kindWord(kind)]),
    industry: industries().map((industry) => [industry, industry]),
    pool_id: pools().map((id) => [id, one("pool", id)?.name ?? "…"]),
  };
}

function Filters(): JSX.Element {
  return (
    <div class="filters" role="group" aria-label={ofCustomers("filters")}>
      {Object.entries(values()).flatMap(([slot, choices]) =>
        choices.map(([value, word]) => {
          const on = wanted.value[slot as keyof Wanted] === value;
          return (
            <button
              key={`${slot} ${value}`}
              aria-pressed={on}
              onClick={() => (wanted.value = { ...wanted.value, [slot]: on ? null : value })}
            >
              {word}
            </button>
          );
        }),
      )}
      <button aria-pressed={miles.value} onClick={turnUnit}>
        {say("in_miles")}
      </button>
    </div>
  );
}

/** How many, how exactly the phone knows where it is, and whether more could be known. */
function Status({ number }: { readonly number: number }): JSX.Element {
  const here = fix.value;
  const accuracy = here?.accuracy_mm ?? null;
  const lost = searching.value === "refused" ? "position_refused" : searching.value === "failed" ? "position_failed" : "position_searching";
  const place = here === null ? ofCustomers(lost) : accuracy === null ? "" : say("within", { far: distance(accuracy) });
  return (
    <small role="status" aria-live="polite">
      {[ofCustomers("found", { n: count(number) }), place, online.value ? "" : say("offline")].filter(Boolean).join(" · ")}
    </small>
  );
}

interface OfRow {
  readonly near: NearFound;
  readonly onTold: (told: Told | null) => void;
  readonly onOpen: (card: PoolCard) => void;
}

function Row({ near: { id, relation, distance_mm }, ...more }: OfRow): JSX.Element {
  if (relation === Relation.pooled) return <CardRow listed={{ card: byId("pool_card").get(id)!, awayMm: distance_mm }} {...more} />;
  const { name, city, address } = byId("customer").get(id)!;
  const due = dueDays().get(id);
  const last = [
    relation === Relation.collaborated ? ofCustomers("shared") : "",
    due === undefined ? "" : say("due", { day: dayWord(due) }),
  ];
  return (
    <a class="row" href={href(`customers/${id}`)}>
      <Avatar name={name} city={city} />
      <span class="grow">
        <b>{name}</b>
        <small>{[city, address].filter(Boolean).join(" · ")}</small>
        <small>{last.filter(Boolean).join(" · ")}</small>
      </span>
      <small class="side">{distance(distance_mm)}</small>
    </a>
  );
}

/** Customers that the server knows around here, and this phone does not hold. */
function Beyond({ onTold }: { readonly onTold: (told: Told | null) => void }): JSX.Element | null {
  const [known, setKnown] = useState<readonly Further[] | null>(null);
  const here = fix.value;
  useEffect(() => setKnown(null), [wanted.value]);
  if (here === null || !online.value) return null;
  const look = (): void =>
    void further(here).then(
      (items) => (setKnown(items), onTold(null)),
      (error: unknown) => onTold(told(error)),
    );
  const fetch = async (customer: Further): Promise<void> => {
    await phone.keepTile(customer);
    tell({ text: say("fetching") });
    await sync(true);
  };
  const left = known?.filter((customer) => !isHere(customer)) ?? [];
  return (
    <section class="beyond">
      {left.length > 0 && <h2>{say("beyond")}</h2>}
      {left.length > 0 && (
        <div class="card list">
          {left.map((customer) => (
            <div class="row" key={customer.id}>
              <span class="grow">
                <b>{customer.name ?? ofPool("hidden_name")}</b>
                <small>{[distance(customer.distance_mm), customer.city, customer.industry].filter(Boolean).join(" · ")}</small>
              </span>
              <button class="small outlined" onClick={() => void fetch(customer)}>
                {say("fetch")}
              </button>
            </div>
          ))}
        </div>
      )}
      {known !== null && left.length === 0 && <p class="lead">{say("no_further")}</p>}
      <button class="wide" onClick={look}>
        <Icon name="search" /> {say("further")}
      </button>
    </section>
  );
}

export function NearbyScreen(): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const [opened, setOpened] = useState<PoolCard | null>(null);
  useEffect(watchPosition, []);
  const list = useMemo(found, [records.value, wanted.value, fix.value]);
  return (
    <>
      <TopBar title={say("title")} before="today" />
      <div class="tools">
        <Filters />
        <Status number={list.length} />
      </div>
      <main class="flush">
        {wrong !== null && <Trouble told={wrong} />}
        {list.length > 0 && (
          <LongList
            items={list}
            height={ROW_PX}
            row={(near) => <Row near={near} onTold={setWrong} onOpen={setOpened} />}
            keyed={({ id }) => id}
            label={say("title")}
          />
        )}
        {list.length === 0 && <Empty icon="target">{say("nobody")}</Empty>}
        <Beyond onTold={setWrong} />
      </main>
      {opened !== null && <CardSheet card={one("pool_card", opened.id) ?? opened} onClose={() => setOpened(null)} />}
    </>
  );
}
