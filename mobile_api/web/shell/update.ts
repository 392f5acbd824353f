/** The service worker of this app, and a new version that waits for the person. */

import { signal } from "@preact/signals";
import { BASE } from "./router.ts";

const LOOK_MS = 60 * 60_000;

/** The worker of a newer version, whole and ready; null while there is none. */
export const update = signal<ServiceWorker | null>(null);

/** The new version takes over, and the window loads it. */
export function takeUpdate(): void {
  update.value?.postMessage("take over");
}

export async function register(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  // the first worker takes over a page that came from the server, and is of its own version; each later one brings another
  let controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) location.reload();
    controlled = true;
  });
  const registration = await serviceWorker.register(`${BASE}sw.js`, { scope: BASE, updateViaCache: "none" });
  const ready = (): void => {
    if (registration.waiting !== null && serviceWorker.controller !== null) update.value = registration.waiting;
  };
  ready();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", ready));
  const look = (): void => void registration.update().catch(() => undefined);
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
}
