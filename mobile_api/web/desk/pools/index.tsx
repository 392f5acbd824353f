/** The pools: who their members are, what their cards hide; an admin makes, changes and switches them off. Beside them the reclaim rule. */

import type { JSX } from "preact";
import type { Feature, Shown } from "../../shell/feature.ts";
import { count } from "../../shell/format.ts";
import { all } from "../../shell/phone.ts";
import type { Row } from "../kept/fields.tsx";
import { Kept, recordOf, type Kind } from "../kept/kept.tsx";
import { Parts } from "../parts_of.tsx";
import { Reclaim } from "../reclaim/reclaim.tsx";
import { may } from "../may.ts";
import { say as sayOfReclaim } from "../reclaim/texts.ts";
import { say as sayOfTiers } from "../tiers/texts.ts";
import { Tiers } from "../tiers/tiers.tsx";
import { isAdmin, isManager, membersOf } from "../../shell/team.ts";
import { Role, type Person } from "../../client/src/index.ts";
import { choicesOf, fieldHead, headed } from "../words_of.ts";
import { word } from "../../shell/words.ts";
import { Cards } from "./cards.tsx";
import { Holds } from "./holds.tsx";
import { say } from "./texts.ts";

const LEADERS: ReadonlySet<Role> = new Set([Role.manager, Role.admin]);
/** Fields of a card that a pool may hide (D-122). */
const HIDEABLE = ["name", "city", "industry", "kind", "tier"];

/** The rules about claims (D-128); of some a pool may have none. */
const RULES = [
  ["claim_daily_limit", true],
  ["capacity", true],
  ["department_capacity", true],
  ["claim_radius_m", true],
  ["cool_off_days", false],
  ["newcomer_hold_hours", false],
] as const;

const leaders = (): readonly Person[] => all("person").filter(({ active, role }) => active && LEADERS.has(role));

/** Those of the departments, and the managers who look after the pool (D-198). */
function membersIn(row: Row): readonly Person[] {
  const [admins, inside] = [row["admin_ids"] as readonly string[], membersOf((row["department_id"] as string | null) ?? null)];
  const beside = leaders().filter((one) => one.role === Role.manager && admins.includes(one.id) && !inside.includes(one));
  return [...inside, ...beside];
}

/** The regions of the table of cities, and those that stand in a pool. */
function regions(): readonly (readonly [string, string])[] {
  const found = [...all("city").map(({ region }) => region), ...all("pool").flatMap((pool) => pool.regions)];
  return [...new Set(found)].sort().map((region) => [region, region]);
}

function Below(row: Row): JSX.Element {
  const names = membersIn(row).map(({ name }) => name);
  return (
    <p class="lead">
      {say("members_are", { names: names.join(say("comma")) || "–" })}
      <br />
      {say("off_means")}
    </p>
  );
}

function kindOf(): Kind {
  const head = (slot: string): string => fieldHead("pool", slot);
  return {
    title: say("pools"),
    newWord: say("new_pool"),
    empty: say("no_pools"),
    icon: "pool",
    path: "/v1/desk/pools",
    read: recordOf("pool"),
    shownOnly: !isAdmin(),
    fields: [
      { name: "name", word: head("name"), kind: "text", needed: true },
      { name: "department_id", word: head("department_id"), kind: "choice", choices: choicesOf(all("department"), say("everybody")) },
      { name: "hidden", word: head("hidden"), kind: "several", choices: HIDEABLE.map((slot) => [slot, headed(word(slot))]), wide: true },
      { name: "regions", word: head("regions"), kind: "several", choices: regions(), hint: say("regions_hint"), width: 130, wide: true },
      { name: "industries", word: head("industries"), kind: "words", hint: say("industries_hint"), apart: true },
      {
        name: "priority",
        word: head("priority"),
        kind: "decimal",
        digits: 0,
        first: 0,
        hint: say("priority_hint"),
        width: 110,
        wide: true,
      },
      ...RULES.map(([name, maybe]) => ({
        ...{ name, word: head(name), kind: "decimal" as const, digits: 0, maybe },
        ...{ apart: true, hint: say(maybe ? "empty_is_none" : "zero_is_none") },
      })),
      {
        ...{ name: "admin_ids", word: head("admin_ids"), kind: "several" as const, choices: choicesOf(leaders()) },
        ...{ hint: say("admins_hint"), wide: true, apart: true },
      },
      { name: "active", word: head("active"), kind: "yes", first: true, width: 90, wide: true },
    ],
    columns: [
      {
        name: "members",
        word: say("members"),
        value: (row) => membersIn(row).length,
        text: (row) => say("count", { n: count(membersIn(row).length) }),
        kind: "number",
        width: 110,
      },
    ],
    below: (row) => <Below {...row} />,
  };
}

function List(): JSX.Element {
  return (
    <>
      {!isAdmin() && <p class="lead">{say("only_admin")}</p>}
      <Kept kind={kindOf()} />
    </>
  );
}

function Pools({ rest }: Shown): JSX.Element {
  const parts = [
    { to: "", word: say("pools"), View: List },
    ...(isManager() ? [{ to: "customers", word: say("cards"), View: Cards }] : []),
    { to: "holds", word: say("holds"), View: Holds },
    { to: "reclaim", word: sayOfReclaim("rule"), View: Reclaim },
    { to: "tiers", word: sayOfTiers("policy"), View: Tiers },
  ];
  return <Parts title={say("pools")} place="pools" rest={rest} parts={parts} />;
}

export const POOLS: Feature = {
  screens: { pools: Pools },
  places: [{ order: 45, to: "pools", icon: "pool", word: () => say("pools"), when: () => may("GET /v1/desk/pools") }],
};
