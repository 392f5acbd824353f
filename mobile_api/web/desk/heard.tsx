/** What only the server knows, kept fresh while its screen is open: asked anew on each hint and in a rhythm besides. */

import { batch, signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { ago } from "../shell/format.ts";
import { speaker } from "../shell/language.ts";
import { Trouble } from "../shell/parts.tsx";
import { online, records, signedIn } from "../shell/phone.ts";
import { useAsked, type Asked } from "../shell/rest.ts";

const SOON_MS = 10_000;
const SOON_PER_TICK = 3;

const zh = {
  away: "没有网络。这里显示的是 {when} 听到的情况；网络恢复后会自动更新。",
  away_never: "没有网络，而这些内容只有服务器知道。网络恢复后会自动显示。",
  asking: "正在向服务器查询…",
  again: "重试",
} as const;

const en: Record<keyof typeof zh, string> = {
  away: "There is no network. You see what was heard {when}; it is renewed as soon as the network is back.",
  away_never: "There is no network, and only the server knows this. It shows as soon as the network is back.",
  asking: "Asking the server…",
  again: "Try again",
};

const say = speaker({ zh, en });

/** Rises every half minute while somebody looks, and when somebody comes back to the window. */
export const tick = signal(0);
/**
 * For small answers for which people wait: rises with `tick`, and every ten seconds besides. Not every change that the desk shows rings the
 * bell of a manager: what a correction says, for one, lies in no scope of the desk.
 */
export const soon = signal(0);

function rise(alsoTick: boolean): void {
  if (document.visibilityState !== "visible" || signedIn.peek() === null) return;
  batch(() => {
    soon.value += 1;
    if (alsoTick) tick.value += 1;
  });
}

let turns = 0;
setInterval(() => rise(++turns % SOON_PER_TICK === 0), SOON_MS);
addEventListener("focus", () => rise(true));

/** `pace`: `soon` for what is small and waited for. */
export function useLive<T>(look: () => Promise<T>, question: readonly unknown[] = [], pace = tick): Asked<T> {
  return useAsked(look, question, [records.value, pace.value, online.value]);
}

interface Given<T> {
  readonly of: Asked<T>;
  /** What shows of an answer, also of an old one. */
  readonly children?: (value: T) => ComponentChildren;
}

/** Says when there is no network, that the server is being asked, or why it refused; and shows what it told. */
export function Heard<T>({ of, children }: Given<T>): JSX.Element {
  return (
    <>
      <State of={of} />
      {of.value !== null && children?.(of.value)}
    </>
  );
}

function State({ of }: { readonly of: Asked<unknown> }): JSX.Element | null {
  const again = (
    <button class="small" onClick={of.again}>
      {say("again")}
    </button>
  );
  if (of.away || !online.value)
    return (
      <p class="notice" role="status">
        <span class="grow">{of.heardMs === null ? say("away_never") : say("away", { when: ago(of.heardMs) })}</span>
        {again}
      </p>
    );
  if (of.trouble !== null)
    return (
      <div class="heard">
        <Trouble told={of.trouble} />
        {again}
      </div>
    );
  return of.value === null ? (
    <p class="lead" role="status">
      {say("asking")}
    </p>
  ) : null;
}
