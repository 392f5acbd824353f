/** Places that visits propose: where the customer is said to be now, beside where the visits were, and the manager's decision (D-218). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { distanceMm, PlacingKind, PlacingState, Problem, type Customer, type Placing } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { distance } from "../../shell/format.ts";
import { Avatar, Empty, TopBar, Trouble } from "../../shell/parts.tsx";
import { sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { ask, give, pages } from "../../shell/rest.ts";
import { href } from "../../shell/router.ts";
import { entityNumber, valueWords } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { FactList } from "../fact_list.tsx";
import { Heard, soon, useLive } from "../heard.tsx";
import { Plane, type Spot } from "../plane.tsx";
import { say } from "./texts.ts";

const SHOWN_MAX = 20;
const NOW_HUE = 20;
const VISITS_HUE = 160;

interface Asked {
  readonly placing: Placing;
  readonly customer: Customer;
}

interface Waiting {
  readonly shown: readonly Asked[];
  readonly more: number;
}

async function askWaiting(): Promise<Waiting> {
  const found = await pages<Placing>(`/v1/desk/placings?state=${PlacingState.proposed}`);
  const first = found.slice(0, SHOWN_MAX);
  const shown = first.map(async (placing) => ({ placing, ...(await ask<{ customer: Customer }>(`/v1/customers/${placing.customer_id}`)) }));
  return { shown: await Promise.all(shown), more: found.length - first.length };
}

function spots({ placing, customer }: Asked): readonly Spot[] {
  const visits = { latitude_e6: placing.wgs_latitude_e6, longitude_e6: placing.wgs_longitude_e6 };
  const [latitude_e6, longitude_e6] = [customer.wgs_latitude_e6, customer.wgs_longitude_e6];
  const now = latitude_e6 === null || longitude_e6 === null ? [] : [{ latitude_e6, longitude_e6 }];
  return [
    ...now.map((at) => ({ ...at, key: "now", title: say("now"), hue: NOW_HUE, mark: "A", hollow: true })),
    { ...visits, key: "visits", title: say("by_visits"), hue: VISITS_HUE, mark: "B" },
  ];
}

const degrees = (e6: number): string => (e6 / 1e6).toFixed(6);
const words = ({ latitude_e6, longitude_e6 }: Spot): string => `${degrees(latitude_e6)}, ${degrees(longitude_e6)}`;

function facts(asked: Asked): readonly (readonly [string, string])[] {
  const { placing } = asked;
  const places = spots(asked);
  const [one, other] = places;
  const isDatum = placing.placing === PlacingKind.other_datum;
  const datum = valueWords(entityNumber("customer"), "datum", placing.datum);
  const counted = { visits: placing.visits, days: placing.days, spread: distance(placing.spread_mm) };
  return [
    [say("reading"), isDatum ? say("reading_words", { datum }) : say("place_words")],
    [say("evidence"), say("evidence_words", counted)],
    ...places.map((spot) => [`${spot.mark} · ${spot.title}`, words(spot)] as const),
    ...(other === undefined
      ? []
      : [[say("apart"), distance(distanceMm(one!.latitude_e6, one!.longitude_e6, other.latitude_e6, other.longitude_e6))] as const]),
  ];
}

async function decide({ placing, customer }: Asked, verdict: "confirm" | "decline"): Promise<void> {
  const { latitude_e6, longitude_e6, datum } = placing;
  const bases = verdict === "confirm" ? { bases: { position: customer.rev } } : {};
  await give(`/v1/desk/customers/${customer.id}/placing/${verdict}`, { values: { latitude_e6, longitude_e6, datum }, ...bases });
  await sync();
  tell({ text: say(verdict === "confirm" ? "confirmed" : "declined", { customer: customer.name }) });
}

function Card({ asked, onDone }: { readonly asked: Asked; readonly onDone: () => void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Told | null>(null);
  const { placing, customer } = asked;
  const choose = async (verdict: "confirm" | "decline"): Promise<void> => {
    setBusy(true);
    setWrong(await decide(asked, verdict).then(() => null, refusal));
    setBusy(false);
    onDone();
  };
  return (
    <article class="card decide-card placing" aria-label={customer.name}>
      <header class="quote-head">
        <Avatar name={customer.name} city={customer.city} />
        <span class="grow">
          <a href={href(`customers/${customer.id}`)}>
            <b>{customer.name}</b>
          </a>
          <small>{say(placing.placing === PlacingKind.other_datum ? "other_datum" : "learned")}</small>
        </span>
      </header>
      <div class="two-sides">
        <Plane label={say("picture", { customer: customer.name })} spots={spots(asked)} />
        <FactList facts={facts(asked)} />
      </div>
      {wrong !== null && <Trouble told={wrong} />}
      <div class="buttons">
        <button class="primary" {...needsServer(busy)} onClick={() => void choose("confirm")}>
          {say("confirm")}
        </button>
        <button class="refuse" {...needsServer(busy)} onClick={() => void choose("decline")}>
          {say("decline")}
        </button>
      </div>
    </article>
  );
}

function refusal(error: unknown): Told {
  const isOld = error instanceof Problem && (error.code === "conflict" || error.code === "state_wrong");
  return isOld ? { happened: say("conflict"), means: "", next: say("conflict_next") } : told(error);
}

export function Placings(): JSX.Element {
  const heard = useLive(askWaiting, [], soon);
  return (
    <>
      <TopBar title={say("title")} />
      <main>
        <p class="lead">{say("lead")}</p>
        <Heard of={heard}>
          {({ shown, more }) => (
            <>
              {shown.length === 0 && <Empty icon="check">{say("none")}</Empty>}
              {shown.map((asked) => (
                <Card key={asked.placing.id} asked={asked} onDone={heard.again} />
              ))}
              {more > 0 && <p class="lead">{say("more", { n: more })}</p>}
            </>
          )}
        </Heard>
      </main>
    </>
  );
}
