/** Screens as addresses below the app's own: one signal, ordinary links, the browser's own way back. */

import { signal } from "@preact/signals";

/** `/app/` or `/desk/`, also behind a proxy that puts something before it: the address of this script tells. */
export const BASE = new URL("./", import.meta.url).pathname;
/** Where the server is. */
export const SERVER = new URL("../", import.meta.url).href;

/** The address of the screen, without the app's own and without slashes at its ends. */
export const path = signal(here());

export const href = (to: string): string => BASE + to;
export const parts = (): string[] => path.value.split("/").filter(Boolean);

export function go(to: string, replace = false): void {
  if (to === path.value) return;
  history[replace ? "replaceState" : "pushState"]({ within: true }, "", BASE + to);
  show(to);
  scrollTo(0, 0);
}

/** To the screen from which this one was opened; to `otherwise` when it was opened from outside. */
export function back(otherwise: string): void {
  if ((history.state as { within?: boolean } | null)?.within === true) history.back();
  else go(otherwise, true);
}

function here(): string {
  return location.pathname.slice(BASE.length).replace(/^\/+|\/+$/g, "");
}

/** A screen reader and the keyboard go on at the new screen's heading. */
function show(to: string): void {
  path.value = to;
  requestAnimationFrame(() => document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true }));
}

addEventListener("popstate", () => show(here()));
document.addEventListener("click", (event) => {
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || link.origin !== location.origin || !link.pathname.startsWith(BASE) || link.target !== "") return;
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.pathname.slice(BASE.length));
});
