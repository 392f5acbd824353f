/** One stop of the route: its place, its name, why it belongs to the day, how far it is, and what can be done with it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { distance } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { href } from "../../shell/router.ts";
import { CheckIn } from "../visits/checkin.tsx";
import { draw, shift } from "./drag.ts";
import { leaveOut, mine, type Stop } from "./look.ts";
import { Navigate } from "./navigate.tsx";
import { reasonWords } from "./reasons.ts";
import { say } from "./texts.ts";

interface Given {
  readonly stop: Stop;
  /** From 0; below it for a stop that stands in no order. */
  readonly at: number;
  readonly legMm: number | null;
  readonly isLast: boolean;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
  readonly onMove: (to: number) => void;
}

function Acts({ stop, at, isLast, onMove }: Given): JSX.Element {
  const [asks, setAsks] = useState(false);
  const { customer, instruction, planned, name, at: place } = stop;
  const to = customer === null ? `instructions/${instruction?.id ?? ""}` : `customers/${customer.id}`;
  return (
    <div class="acts">
      {customer !== null && <CheckIn customer={customer} />}
      {place !== null && (
        <button class="action" aria-haspopup="dialog" onClick={() => setAsks(true)}>
          <Icon name="route" />
          {say("navigate")}
        </button>
      )}
      {customer !== null && customer.phone !== "" && (
        <a class="action" href={`tel:${customer.phone}`}>
          <Icon name="call" />
          {say("call")}
        </a>
      )}
      <a class="action" href={href(to)}>
        <Icon name={customer === null ? "task" : "customers"} />
        {say("open")}
      </a>
      {at > 0 && (
        <button class="action" onClick={() => onMove(at - 1)}>
          <Icon name="up" />
          {say("earlier")}
        </button>
      )}
      {!isLast && (
        <button class="action" onClick={() => onMove(at + 1)}>
          <Icon name="down" />
          {say("later")}
        </button>
      )}
      <button class="action" onClick={() => leaveOut(planned.id)}>
        <Icon name="close" />
        {say("leave")}
      </button>
      {asks && place !== null && <Navigate name={name} at={place} onClose={() => setAsks(false)} />}
    </div>
  );
}

function Grip({ stop: { planned, name }, at, onMove }: Given): JSX.Element {
  const key = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    onMove(at + step);
  };
  return (
    <button
      class="bare grip"
      id={`grip-${planned.id}`}
      aria-label={say("move", { name })}
      onKeyDown={key}
      onPointerDown={(event) => draw(event, at, onMove)}
    >
      <Icon name="grip" />
    </button>
  );
}

export function StopRow(given: Given): JSX.Element {
  const { stop, at, legMm, isOpen, onOpen } = given;
  const { planned, name } = stop;
  const moved = shift(at);
  return (
    <li class={isOpen ? "open" : ""} style={{ transform: moved === 0 ? "" : `translateY(${moved}px)` }}>
      <div class="row">
        {at >= 0 && <b class="number">{at + 1}</b>}
        <button class="grow head" aria-expanded={isOpen} onClick={onOpen}>
          <b>{name}</b>
          <small>{planned.reasons.map(reasonWords).join(" · ")}</small>
        </button>
        <span class="side">
          {at >= 0 && <small>{legMm === null ? say("first") : distance(legMm)}</small>}
          {mine().pinned.includes(planned.id) && <span class="chip">{say("pinned")}</span>}
        </span>
        {at >= 0 && <Grip {...given} />}
      </div>
      {isOpen && <Acts {...given} />}
    </li>
  );
}
