/** The map: own customers and pooled ones as points at true scale, rings around the rep. Only an operator's map is asked of a server. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Customer, PoolCard } from "../../client/src/index.ts";
import { distance } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Avatar, TopBar, Trouble } from "../../shell/parts.tsx";
import { all } from "../../shell/phone.ts";
import { distanceTo, fix, searching, watchPosition } from "../../shell/position.ts";
import type { Told } from "../../shell/problems.ts";
import { href } from "../../shell/router.ts";
import { away, farWords, lineOf, nameOf, pooledCards } from "../pool/look.ts";
import { Claim } from "../pool/pool.tsx";
import { METRES_MIN, placed, rings, spots, zoomed, type Sight, type Size, type Spot } from "./geometry.ts";
import { hands } from "./moving.ts";
import { Pictures, source } from "./source.tsx";
import { say } from "./texts.ts";

const FIRST_REACH_M = 5_000;
const CHOSEN_MAX = 6;
const APART_FACTOR = 2.5;

type Found = { readonly customer: Customer } | { readonly card: PoolCard };

/** It stays when one comes back to the map; null until it was drawn once. */
const sight = signal<Sight | null>(null);
const idOf = (one: Found): string => ("card" in one ? one.card.id : one.customer.id);
const label = (one: Found): string =>
  "card" in one ? say("pooled", { name: nameOf(one.card) }) : say("customer", { name: one.customer.name });

interface Point {
  readonly latitude: number;
  readonly longitude: number;
  readonly item: Found;
}

function points(): Point[] {
  const own = all("customer").flatMap((customer) =>
    customer.wgs_latitude_e6 === null || customer.wgs_longitude_e6 === null
      ? []
      : [{ latitude: customer.wgs_latitude_e6 / 1e6, longitude: customer.wgs_longitude_e6 / 1e6, item: { customer } }],
  );
  const pooled = pooledCards().flatMap((card) =>
    card.latitude_e6 === null || card.longitude_e6 === null
      ? []
      : [{ latitude: card.latitude_e6 / 1e6, longitude: card.longitude_e6 / 1e6, item: { card } }],
  );
  return [...own, ...pooled];
}

/** Around the rep; without a position around the middle of all points. */
function first(found: readonly Point[], { width, height }: Size): Sight {
  const metres = FIRST_REACH_M / (Math.min(width, height) / 2);
  const here = fix.value;
  if (here !== null) return { latitude: here.latitude_e6 / 1e6, longitude: here.longitude_e6 / 1e6, metres };
  const middle = (of: (point: Point) => number): number => found.map(of).sort((a, b) => a - b)[Math.floor(found.length / 2)] ?? 0;
  return { latitude: middle((point) => point.latitude), longitude: middle((point) => point.longitude), metres };
}

function Rings({ seen, size }: { readonly seen: Sight; readonly size: Size }): JSX.Element {
  const here = fix.value;
  const [x, y] = here === null ? [size.width / 2, size.height / 2] : placed(seen, size, here.latitude_e6 / 1e6, here.longitude_e6 / 1e6);
  return (
    <g aria-hidden="true">
      {rings(seen, size).map((metres) => (
        <g key={metres}>
          <circle class="ring" cx={x} cy={y} r={metres / seen.metres} />
          <text class="ring-word" x={x} y={y - metres / seen.metres + 14}>
            {distance(metres * 1000)}
          </text>
        </g>
      ))}
      {here !== null && <circle class="here halo" cx={x} cy={y} r={Math.max(14, (here.accuracy_mm ?? 0) / 1000 / seen.metres)} />}
      {here !== null && <circle class="here" cx={x} cy={y} r={8} />}
    </g>
  );
}

interface Drawn {
  readonly spot: Spot<Found>;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function Mark({ spot: { x, y, items }, chosen, onChoose }: Drawn): JSX.Element {
  const many = items.length > 1;
  const cards = items.filter((one) => "card" in one).length;
  const pooled = cards === items.length;
  const shape = many ? 17 : chosen ? 11 : 9;
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onChoose();
  };
  return (
    <g
      class={`spot ${pooled ? "pooled" : cards > 0 ? "mixed" : "own"}${many ? " many" : ""}${chosen ? " chosen" : ""}`}
      role="button"
      tabindex={0}
      aria-label={many ? say("together", { n: items.length }) : label(items[0]!)}
      onClick={onChoose}
      onKeyDown={key}
    >
      <circle class="touch" cx={x} cy={y} r={22} />
      {pooled ? (
        <rect x={x - shape} y={y - shape} width={2 * shape} height={2 * shape} rx={4} transform={`rotate(45 ${x} ${y})`} />
      ) : (
        <circle cx={x} cy={y} r={shape} />
      )}
      {many && (
        <text x={x} y={y + 4.5}>
          {items.length}
        </text>
      )}
    </g>
  );
}

function Chosen({ one, onTold }: { readonly one: Found; readonly onTold: (told: Told | null) => void }): JSX.Element {
  if ("card" in one)
    return (
      <div class="row">
        <Avatar name={nameOf(one.card)} city={one.card.city ?? ""} />
        <span class="grow">
          <b>{nameOf(one.card)}</b>
          <small>{[farWords(away(one.card), one.card), lineOf(one.card)].filter(Boolean).join(" · ")}</small>
        </span>
        <Claim card={one.card} onTold={onTold} />
      </div>
    );
  const far = distanceTo(one.customer);
  return (
    <a class="row" href={href(`customers/${one.customer.id}`)}>
      <Avatar name={one.customer.name} city={one.customer.city} />
      <span class="grow">
        <b>{one.customer.name}</b>
        <small>{[far === null ? "" : distance(far), one.customer.address || one.customer.city].filter(Boolean).join(" · ")}</small>
      </span>
    </a>
  );
}

function Words({ seen }: { readonly seen: readonly Spot<Found>[] }): JSX.Element {
  const items = seen.flatMap((spot) => spot.items);
  const pooled = items.filter((one) => "card" in one).length;
  return (
    <p class="card map-words" role="status">
      {say(pooled > 0 ? "seen_pool" : "seen", { n: items.length - pooled, pooled })}
      {searching.value === "searching" && <small>{say("no_fix")}</small>}
      {searching.value === "refused" && <small>{say("refused")}</small>}
      <small class="legend">
        <i class="own" aria-hidden="true" /> {say("own")} <i class="pooled" aria-hidden="true" /> {say("pool")}
      </small>
    </p>
  );
}

function useSize(): readonly [{ current: SVGSVGElement | null }, Size | null] {
  const picture = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width > 0 && height > 0) setSize({ width, height });
    });
    observer.observe(picture.current!);
    return () => observer.disconnect();
  }, []);
  return [picture, size];
}

function Buttons({ size, onMe }: { readonly size: Size | null; readonly onMe: () => void }): JSX.Element {
  const zoom = (factor: number): void => {
    if (size !== null && sight.value !== null) sight.value = zoomed(sight.value, size, factor);
  };
  return (
    <div class="zoom">
      <button aria-label={say("nearer")} onClick={() => zoom(2)}>
        <Icon name="plus" />
      </button>
      <button aria-label={say("farther")} onClick={() => zoom(0.5)}>
        <Icon name="minus" />
      </button>
      <button aria-label={say("me")} disabled={fix.value === null} onClick={onMe}>
        <Icon name="target" />
      </button>
      <a class="button" aria-label={say("around")} href={href("nearby")}>
        <Icon name="grip" />
      </a>
      <a class="button" aria-label={say("route")} href={href("route")}>
        <Icon name="route" />
      </a>
    </div>
  );
}

export function MapScreen(): JSX.Element {
  const [picture, size] = useSize();
  const [chosen, setChosen] = useState<readonly Found[]>([]);
  const [wrong, setWrong] = useState<Told | null>(null);
  useEffect(watchPosition, []);
  const found = points();
  const known = size !== null && (found.length > 0 || fix.value !== null);
  if (known && sight.peek() === null) sight.value = first(found, size);
  const seen = sight.value;
  useEffect(() => {
    if (size === null || sight.peek() === null) return undefined;
    return hands(picture.current!, { sight: () => sight.peek()!, size: () => size, show: (next) => (sight.value = next) });
  }, [size, seen === null]);
  const drawn =
    size === null || seen === null
      ? []
      : spots(
          found.map(({ latitude, longitude, item }) => {
            const [x, y] = placed(seen, size, latitude, longitude);
            return { x, y, item };
          }),
          size,
        );
  const choose = (spot: Spot<Found>): void => {
    setWrong(null);
    if (spot.items.length === 1 || seen === null || size === null || seen.metres <= METRES_MIN * 2) return setChosen(spot.items);
    sight.value = zoomed(seen, size, APART_FACTOR, spot.x, spot.y);
  };
  const ids = new Set(chosen.map(idOf));
  return (
    <>
      <TopBar title={say("map")} />
      <main class="mapped">
        <svg class="map" ref={picture} role="group" aria-label={say("picture")} tabindex={0}>
          {size !== null && seen !== null && <Pictures seen={seen} size={size} />}
          {size !== null && seen !== null && <Rings seen={seen} size={size} />}
          {drawn.map((spot) => (
            <Mark
              key={idOf(spot.items[0]!)}
              spot={spot}
              chosen={spot.items.some((one) => ids.has(idOf(one)))}
              onChoose={() => choose(spot)}
            />
          ))}
        </svg>
        {source !== null && <small class="credit">{source.credit}</small>}
        <Buttons size={size} onMe={() => size !== null && (sight.value = first(found, size))} />
        <div class="map-foot">
          {wrong !== null && <Trouble told={wrong} />}
          {chosen.length > 0 ? (
            <div class="card list">
              {chosen.slice(0, CHOSEN_MAX).map((one) => (
                <Chosen key={idOf(one)} one={one} onTold={setWrong} />
              ))}
              {chosen.length > CHOSEN_MAX && <p class="lead">{say("more", { n: chosen.length - CHOSEN_MAX })}</p>}
              <button class="bare wide" onClick={() => setChosen([])}>
                {say("close")}
              </button>
            </div>
          ) : found.length === 0 ? (
            <p class="card map-words">{say("nobody")}</p>
          ) : (
            <Words seen={drawn} />
          )}
        </div>
      </main>
    </>
  );
}
