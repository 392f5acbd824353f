/** Without a network the desk says what it shows and since when, and what has to wait: every act that the server alone can do. */

import type { JSX } from "preact";
import { ago } from "../shell/format.ts";
import { speaker } from "../shell/language.ts";
import { online, syncedMs } from "../shell/phone.ts";

const zh = {
  away: "没有网络。客户、跟进和待决定的卡片是 {when} 同步时的情况；需要服务器的操作在网络恢复后才能使用。",
  needs: "没有网络：此操作需要服务器，网络恢复后即可使用。",
} as const;

const en: Record<keyof typeof zh, string> = {
  away: "There is no network. Customers, dates and cards are those of the last sync, {when}; what needs the server waits.",
  needs: "There is no network: this needs the server, and can be done as soon as the network is back.",
};

const say = speaker({ zh, en });
const PLACE = "away";

/** Above every screen of the desk. */
export function Away(): JSX.Element | null {
  if (online.value || syncedMs.value === null) return null;
  return (
    <p class="notice off away" id={PLACE} role="status">
      {say("away", { when: ago(syncedMs.value) })}
    </p>
  );
}

interface Needs {
  readonly disabled?: boolean;
  readonly "aria-disabled"?: true;
  readonly title?: string;
  readonly "aria-describedby"?: string;
  readonly onClickCapture?: (event: MouseEvent) => void;
}

function unheard(event: MouseEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/**
 * For a button that needs the server: off without a network, where the keyboard still finds it and hears the reason; and while it is `off`
 * for a reason of its own.
 */
export function needsServer(off = false): Needs {
  if (online.value) return { disabled: off };
  return { "aria-disabled": true, title: say("needs"), "aria-describedby": PLACE, onClickCapture: unheard };
}

/** For a form that the server takes: what was written stays, and is sent when the network is back. */
export function lockedAway(): { readonly locked?: string } {
  return online.value ? {} : { locked: say("needs") };
}
