/** Installing the app on the home screen: there the browser protects what it keeps. */

import { signal } from "@preact/signals";

interface Offer extends Event {
  prompt(): Promise<unknown>;
}

/** What the browser offers to do at a touch; null where the person has to do it in the browser's own menu. */
const offer = signal<Offer | null>(null);

export const installable = (): boolean => offer.value !== null;
export const installed = (): boolean => matchMedia("(display-mode: standalone)").matches;

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer.value = event as Offer;
});
addEventListener("appinstalled", () => (offer.value = null));

/** Asks the person once: a browser makes its offer anew when it wants to. */
export async function install(): Promise<void> {
  const asked = offer.value;
  offer.value = null;
  await asked?.prompt();
}

/** Whether the browser keeps its hands off; null where it does not tell. */
export async function protectedHere(): Promise<boolean | null> {
  return (await navigator.storage?.persisted?.()) ?? null;
}

export async function askProtection(): Promise<boolean> {
  return (await navigator.storage?.persist?.()) ?? false;
}
