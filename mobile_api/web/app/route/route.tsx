/** The screen of today's route, and its piece on the first screen of the day. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { byRoadMm, type Id } from "../../client/src/index.ts";
import { count, distance } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { fix, searching, watchPosition } from "../../shell/position.ts";
import { href } from "../../shell/router.ts";
import { nameOf } from "../customers/look.ts";
import { again, bringBack, hold, legs, mine, ordered, put, stops, type Placed, type Stop } from "./look.ts";
import { Picture } from "./picture.tsx";
import { StopRow } from "./stop.tsx";
import { say } from "./texts.ts";

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);

function lengthWords(found: readonly Placed[]): string {
  const crow = sum(legs(found));
  return say("length", { crow: distance(crow), road: distance(byRoadMm(crow)) });
}

/** On the first screen of the day; nothing where there is nobody to visit. */
export function RoutePiece(): JSX.Element | null {
  const found = stops().length;
  if (found === 0) return null;
  return (
    <a class="card row route-piece" href={href("route")}>
      <Icon name="route" />
      <span class="grow">
        <b>{say("route")}</b>
        <small>{say("stops", { n: count(found) })}</small>
      </span>
    </a>
  );
}

function Way({ found }: { readonly found: readonly Placed[] }): JSX.Element {
  const [open, setOpen] = useState<Id | null>(null);
  const [said, setSaid] = useState("");
  const ways = legs(found);
  const move = (from: number, to: number): void => {
    if (to < 0 || to >= found.length) return;
    const { name, planned } = found[from]!;
    put(found, from, to);
    setSaid(say("moved", { name, n: to + 1 }));
    requestAnimationFrame(() => document.getElementById(`grip-${planned.id}`)?.focus());
  };
  return (
    <>
      <ol class="card list way">
        {found.map((stop, at) => (
          <StopRow
            key={stop.planned.id}
            stop={stop}
            at={at}
            legMm={at === 0 && fix.value === null && mine().from === null ? null : ways[at]!}
            isLast={at === found.length - 1}
            isOpen={open === stop.planned.id}
            onOpen={() => setOpen(open === stop.planned.id ? null : stop.planned.id)}
            onMove={(to) => move(at, to)}
          />
        ))}
      </ol>
      <p class="unseen" role="status">
        {said}
      </p>
    </>
  );
}

function Unplaced({ found }: { readonly found: readonly Stop[] }): JSX.Element | null {
  if (found.length === 0) return null;
  return (
    <section>
      <h2>{say("unplaced")}</h2>
      <p class="lead">{say("unplaced_lead")}</p>
      <ul class="card list">
        {found.map((stop) => (
          <StopRow key={stop.planned.id} stop={stop} at={-1} legMm={null} isLast isOpen onOpen={() => undefined} onMove={() => undefined} />
        ))}
      </ul>
    </section>
  );
}

function LeftOut(): JSX.Element | null {
  const { out } = mine();
  if (out.length === 0) return null;
  return (
    <section>
      <h2>{say("left_out")}</h2>
      <ul class="card list">
        {out.map((id) => (
          <li class="row" key={id}>
            <span class="grow">{nameOf(id)}</span>
            <button class="small" onClick={() => bringBack(id)}>
              {say("back")}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Where the route begins, while that is not known. */
function Whence(): JSX.Element | null {
  if (fix.value !== null || searching.value === "idle") return null;
  return (
    <p class="lead" role="status">
      {say(searching.value === "searching" ? "searching" : "no_position")}
    </p>
  );
}

export function RouteScreen(): JSX.Element {
  useEffect(watchPosition, []);
  const known = stops();
  const found = ordered();
  const order = found.map(({ planned }) => planned.id).join();
  useEffect(() => hold(found), [order, fix.value === null]);
  return (
    <>
      <TopBar title={say("title")} before="today" />
      <main class="route">
        {known.length === 0 && <Empty icon="route">{say("nothing")}</Empty>}
        <Whence />
        {found.length > 0 && (
          <>
            <Picture stops={found} />
            <p class="lead">
              <b>{say("stops", { n: found.length })}</b> · {lengthWords(found)}
            </p>
            <Way found={found} />
            <div class="buttons">
              {mine().pinned.length > 0 && <button onClick={() => again(true)}>{say("free")}</button>}
              <button disabled={fix.value === null} onClick={() => again(false)}>
                {say("again")}
              </button>
            </div>
          </>
        )}
        <Unplaced found={known.filter(({ at }) => at === null)} />
        <LeftOut />
      </main>
    </>
  );
}
