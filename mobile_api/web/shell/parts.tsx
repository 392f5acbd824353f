/** The pieces of which every screen of both apps is made. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ago, hue, initials } from "./format.ts";
import type { Place } from "./feature.ts";
import { Icon, type IconName } from "./icons.tsx";
import { tell } from "./entering.ts";
import { chooseLanguage, language, type Language } from "./language.ts";
import { online, state, storing, syncedMs, waiting } from "./phone.ts";
import { features } from "./registry.ts";
import { back, href, path } from "./router.ts";
import { told, type Told } from "./problems.ts";
import { say } from "./texts.ts";
import { takeUpdate, update } from "./update.ts";

interface Around {
  readonly children?: ComponentChildren;
}

export function Avatar({
  name,
  city = "",
  large = false,
}: {
  readonly name: string;
  readonly city?: string;
  readonly large?: boolean;
}): JSX.Element {
  return (
    <span class={large ? "avatar large" : "avatar"} style={{ "--hue": String(hue(name)) }} aria-hidden="true">
      {initials(name, city)}
    </span>
  );
}

/** Where the phone stands, in the same corner of every screen: all sent, how many wait, offline. It leads to the entries. */
export function SyncMark(): JSX.Element {
  const count = waiting.value;
  const away = !online.value;
  const calm = count === 0 && !storing.value;
  const kind = away ? "off" : calm ? "calm" : "wait";
  const icon: IconName = away ? "off" : calm ? "check" : "up";
  const words = [away ? say("offline") : "", count > 0 ? say("waits", { n: count }) : !calm ? say("storing") : away ? "" : say("all_sent")]
    .filter(Boolean)
    .join(" · ");
  const when = syncedMs.value === null ? say("never_synced") : say("synced", { when: ago(syncedMs.value) });
  return (
    <a
      class={`mark ${kind}`}
      href={href(features().screens.has("outbox") ? "outbox" : "me")}
      title={when}
      data-syncing={state.value === "syncing"}
    >
      <Icon name={icon} />
      <span role="status" aria-live="polite">
        {words}
      </span>
    </a>
  );
}

interface Bar extends Around {
  readonly title: string;
  /** The screen from which one comes; without it this is a first screen. */
  readonly before?: string;
  /** The screen itself shows its heading. */
  readonly bare?: boolean;
}

export function TopBar({ title, before, bare = false, children }: Bar): JSX.Element {
  useEffect(() => void (document.title = title), [title]);
  return (
    <header class="top">
      {before !== undefined && (
        <button class="bare" aria-label={say("back")} onClick={() => back(before)}>
          <Icon name="back" />
        </button>
      )}
      {bare ? <span class="grow" /> : <h1 tabIndex={-1}>{title}</h1>}
      {children}
      {features().top.map(({ View }, at) => (
        <View key={at} />
      ))}
      <SyncMark />
    </header>
  );
}

export function Tabs({ name, places }: { readonly name: string; readonly places: readonly Place[] }): JSX.Element {
  const here = path.value.split("/")[0] || places[0]?.to;
  const bar = useRef<HTMLElement>(null);
  // where the bar holds more places than the window shows, the one that is open shows
  useEffect(() => bar.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }), [here]);
  return (
    <nav class="tabs" aria-label={name} ref={bar}>
      <b class="brand">
        <span class="logo" aria-hidden="true" />
        {name}
      </b>
      {places.map((place) => (
        <a href={href(place.to)} key={place.to} aria-current={here === place.to ? "page" : undefined}>
          <Icon name={place.icon} />
          <span>{place.word()}</span>
          <Badge count={place.badge?.() ?? 0} />
        </a>
      ))}
    </nav>
  );
}

/** How many things wait at a place. */
export function Badge({ count }: { readonly count: number }): JSX.Element | null {
  return count > 0 ? <i class="badge">{count > 99 ? "99+" : count}</i> : null;
}

/** Places that do not stand in the bar. */
export function Places({ places }: { readonly places: readonly Place[] }): JSX.Element | null {
  if (places.length === 0) return null;
  return (
    <nav class="card list" aria-label={say("more")}>
      {places.map((place) => (
        <a class="row" href={href(place.to)} key={place.to}>
          <Icon name={place.icon} />
          <span class="grow">
            {place.word()}
            {place.hint !== undefined && <small>{place.hint()}</small>}
          </span>
          <Badge count={place.badge?.() ?? 0} />
        </a>
      ))}
    </nav>
  );
}

/** A new version, when there is one: it waits for the person. */
export function UpdateNotice(): JSX.Element | null {
  if (update.value === null && state.value !== "upgrade") return null;
  return (
    <div class="notice" role="status">
      <span class="grow">{say(update.value === null ? "too_old" : "update_ready")}</span>
      {update.value !== null && (
        <button class="small" onClick={takeUpdate}>
          {say("update")}
        </button>
      )}
    </div>
  );
}

export function Empty({ icon, children }: Around & { readonly icon: IconName }): JSX.Element {
  return (
    <div class="empty">
      <Icon name={icon} />
      <p>{children}</p>
    </div>
  );
}

/** What happened, what it means, what to do next. */
export function Trouble({ told, calm = false }: { readonly told: Told; readonly calm?: boolean }): JSX.Element {
  return (
    <div class={calm ? "trouble calm" : "trouble"} role={calm ? "status" : "alert"}>
      {told.happened !== "" && <b>{told.happened}</b>}
      {told.means !== "" && <p>{told.means}</p>}
      <p>{told.next}</p>
    </div>
  );
}

/** The person chose a language; its texts come from this phone, and from the server alone where nothing is kept. */
export const speak = (one: Language): void => void chooseLanguage(one).catch((error: unknown) => tell({ text: told(error).happened }));

export function LanguageSwitch(): JSX.Element {
  const other = language.value === "zh" ? "en" : "zh";
  return (
    <button class="bare language" lang={other} onClick={() => speak(other)}>
      {say("other_language")}
    </button>
  );
}

/** Whether the touch is beside the sheet: the room around what stands in it is still its own. */
function isBeside({ target, clientX, clientY }: MouseEvent, sheet: HTMLElement): boolean {
  const { left, right, top, bottom } = sheet.getBoundingClientRect();
  return target === sheet && (clientX < left || clientX > right || clientY < top || clientY > bottom);
}

/** A dialog from below, closed by its buttons, Escape, or a touch beside it. */
export function Sheet({ title, onClose, children }: Around & { readonly title: string; readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close(); // while it is still in the page, so that the focus goes back to where it was
  }, []);
  const pressed = useRef(false);
  const began = (event: PointerEvent): void => {
    pressed.current = isBeside(event, dialog.current!);
  };
  const beside = (event: MouseEvent): void => {
    if (pressed.current && isBeside(event, dialog.current!)) dialog.current?.close();
  };
  const closed = (): void => {
    if (dialog.current !== null) onClose(); // else it has left the page already, and another sheet may stand in its place
  };
  return (
    <dialog class="sheet" ref={dialog} aria-labelledby={heading} onClose={closed} onPointerDown={began} onClick={beside}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

interface Long<T> {
  readonly items: readonly T[];
  /** Of each row, in pixels. */
  readonly height: number;
  readonly row: (item: T) => JSX.Element;
  readonly keyed: (item: T) => string;
  readonly label: string;
}

const MARGIN_ROWS = 6;

/** A long list: only the rows near the screen are in the page. */
export function LongList<T>({ items, height, row, keyed, label }: Long<T>): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const [[first, last], setRange] = useState<readonly [number, number]>([0, 20]);
  useEffect(() => {
    let asked = 0;
    const look = (): void => {
      asked = 0;
      const top = list.current?.getBoundingClientRect().top ?? 0;
      const from = Math.max(0, Math.floor(-top / height) - MARGIN_ROWS);
      const to = Math.ceil((innerHeight - top) / height) + MARGIN_ROWS;
      setRange((was) => (was[0] === from && was[1] === to ? was : [from, to]));
    };
    const later = (): void => void (asked ||= requestAnimationFrame(look));
    look();
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener("scroll", later);
      removeEventListener("resize", later);
    };
  }, [height, items]);
  const from = Math.min(first, Math.max(0, items.length - 1));
  return (
    <ul class="long" ref={list} aria-label={label} style={{ height: `${items.length * height}px` }}>
      {items.slice(from, last).map((item, at) => (
        <li
          key={keyed(item)}
          aria-setsize={items.length}
          aria-posinset={from + at + 1}
          style={{ transform: `translateY(${(from + at) * height}px)`, height: `${height}px` }}
        >
          {row(item)}
        </li>
      ))}
    </ul>
  );
}
