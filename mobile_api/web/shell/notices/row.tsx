/** A notice in the list: a touch opens what it is about, a button or a swipe says that it is done. */

import type { HTMLAttributes, JSX, TargetedPointerEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isUnread, NotificationState, Urgency } from "../../client/src/index.ts";
import { ago } from "../format.ts";
import { Icon } from "../icons.tsx";
import { href } from "../router.ts";
import { iconOf, placeOf, type Notice } from "./look.ts";
import { finish, give, watch } from "./receipts.ts";
import { say } from "./texts.ts";

/** Of a swipe: from where on it counts, and from where on it is none any more but a way through the list. */
const SWIPED_PX = 96;
const BEGUN_PX = 12;

/** How far a finger has moved the row aside; a touch that moved is no click. */
function useSwipe(done: () => void): { readonly away: number; readonly hands: HTMLAttributes<HTMLLIElement> } {
  const begin = useRef<readonly [number, number] | null>(null);
  const [away, setAway] = useState(0);
  const end = (counts: boolean) => (): void => {
    if (counts && Math.abs(away) > SWIPED_PX) done();
    begin.current = null;
    setAway(0);
  };
  const move = ({ clientX, clientY, currentTarget, pointerId }: TargetedPointerEvent<HTMLLIElement>): void => {
    if (begin.current === null) return;
    const [right, down] = [clientX - begin.current[0], clientY - begin.current[1]];
    if (away === 0 && (Math.abs(right) < BEGUN_PX || Math.abs(down) > Math.abs(right))) return;
    currentTarget.setPointerCapture(pointerId);
    setAway(right);
  };
  const hands = {
    onPointerDown: (event: TargetedPointerEvent<HTMLLIElement>) =>
      void (begin.current = event.pointerType === "touch" ? [event.clientX, event.clientY] : null),
    onPointerMove: move,
    onPointerUp: end(true),
    onPointerCancel: end(false),
    onClickCapture: (event: MouseEvent) => away !== 0 && event.preventDefault(),
  };
  return { away, hands };
}

function Words({ notice, place, isNew }: { readonly notice: Notice; readonly place: string | null; readonly isNew: boolean }): JSX.Element {
  const { record, words } = notice;
  return (
    <>
      <Icon name={iconOf(notice)} />
      <span class="grow">
        <b>
          {isNew && <span class="new">{say("unread")}</span>}
          {words.title}
        </b>
        {words.body !== "" && <small>{words.body}</small>}
        <small class="when">
          {record.urgency === Urgency.critical && <span class="chip late">{say("critical")}</span>}
          {ago(record.made_ms)}
          {place === null && record.subject_id !== null && ` · ${say("not_here")}`}
        </small>
      </span>
    </>
  );
}

export function Row({ notice, wasNew }: { readonly notice: Notice; readonly wasNew: boolean }): JSX.Element {
  const row = useRef<HTMLLIElement>(null);
  const { id, state, words } = notice;
  const isOpen = state < NotificationState.done;
  useEffect(() => (isUnread(state) ? watch(row.current!) : undefined), [id, isUnread(state)]);
  const { away, hands } = useSwipe(() => finish(id));
  const place = placeOf(notice);
  const inside = <Words notice={notice} place={place} isNew={wasNew || isUnread(state)} />;
  const open = (): void => give("open", [id]);
  const swiped = away === 0 ? {} : { style: { transform: `translateX(${away}px)` } };
  return (
    <li ref={row} class="heard" data-notice={id} data-state={state} {...swiped} {...(isOpen ? hands : {})}>
      {place === null ? (
        <button class="row" onClick={open}>
          {inside}
        </button>
      ) : (
        <a class="row" href={href(place)} onClick={open}>
          {inside}
        </a>
      )}
      {isOpen && (
        <button class="bare" aria-label={say("done_one", { what: words.title })} onClick={() => finish(id)}>
          <Icon name="check" />
        </button>
      )}
    </li>
  );
}
