/** What the service worker tells this window: that there is news, or where the person wants to go who touched a notice. */

import { tell } from "./entering.ts";
import { sync } from "./phone.ts";
import { go } from "./router.ts";
import { say } from "./texts.ts";

export function hearWorker(): void {
  navigator.serviceWorker?.addEventListener("message", ({ data }: MessageEvent<{ readonly to?: unknown } | null>) => {
    void sync();
    if (typeof data?.to === "string") lead(data.to);
  });
}

/** A form that is half written stays, and the place is one touch away. */
function lead(to: string): void {
  if (document.querySelector("main form, dialog[open]") === null) go(to);
  else tell({ text: say("news"), undo: { text: say("show"), act: () => go(to) } });
}
