/** Pushes of this browser: whether they come, asking for them, and telling the server where they reach this device (P-810, P-812). */

import { signal } from "@preact/signals";
import { kept, keep } from "../kept.ts";
import { phone, signedIn } from "../phone.ts";
import { ask, end, put } from "../rest.ts";

/**
 * `unasked`: this person was not asked here yet; `off`: switched off here; `none`: the server sends none to browsers; `asking`: the
 * browser's question is open; `failed`: wanted, and the browser's push service or the network did not answer.
 */
export type PushState = "unsupported" | "none" | "blocked" | "unasked" | "off" | "asking" | "failed" | "on";

const CHOICE = "push";
const MOMENT = "push-moment";
const LATER = "push-later";
const LATER_MS = 14 * 86_400_000;
const TARGET = "/v1/device/push-target";
/** A browser may never answer; a person who signs out waits for nothing. */
const PATIENCE_MS = 20_000;
const SIGN_OUT_MS = 1_500;

export const pushState = signal<PushState>("unasked");
/** Rises when the person said something about pushes, or did what makes them useful. */
const noted = signal(0);

function note(name: string, text: string): void {
  keep(name, text);
  noted.value += 1;
}

const isSupported = (): boolean => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

// when to ask

/** The person has opened a notice or read an instruction: from now on a push is of use, and asking makes sense. */
export function usefulMoment(): void {
  if (kept(MOMENT) === null) note(MOMENT, String(Date.now()));
}

/** Whether to offer pushes now: never at the start, and not again for two weeks after "later". */
export function isTimeToAsk(): boolean {
  const waitsUntil = Number(kept(LATER) ?? -Infinity) + LATER_MS;
  return noted.value >= 0 && pushState.value === "unasked" && kept(MOMENT) !== null && Date.now() >= waitsUntil;
}

export const askLater = (): void => note(LATER, String(Date.now()));

// on and off

/** Asks the browser, which asks the person; then says to the server where pushes go. */
export async function switchOn(): Promise<void> {
  pushState.value = "asking";
  const answer = await Notification.requestPermission();
  if (answer === "granted") note(CHOICE, "on");
  else askLater();
  await lookAtPush();
}

export async function switchOff(): Promise<void> {
  note(CHOICE, "off");
  pushState.value = "off";
  await unsubscribe().catch(() => undefined);
  await end(TARGET).catch(() => undefined); // without a network: the address is dead already
}

/** What browser and person allow now. Where pushes are wanted the server hears where, also after the browser chose another address. */
export async function lookAtPush(): Promise<void> {
  if (!isSupported()) pushState.value = "unsupported";
  else if (Notification.permission === "denied") pushState.value = "blocked";
  else if (kept(CHOICE) === "off") pushState.value = "off";
  else if (kept(CHOICE) !== "on" || Notification.permission !== "granted") pushState.value = "unasked";
  else pushState.value = await register().catch(() => "failed" as const);
}

async function register(): Promise<PushState> {
  const { key } = await ask<{ readonly key: string }>("/v1/device/push-key");
  if (key === "") return "none";
  const { pushManager } = await inTime(navigator.serviceWorker.ready);
  let subscription = await pushManager.getSubscription();
  if (subscription !== null && keyOf(subscription) !== key) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await inTime(pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  await put(TARGET, { kind: "webpush", address: JSON.stringify(subscription) });
  return "on";
}

/** The server's key with which it was made, as base64url. */
function keyOf({ options }: PushSubscription): string {
  const letters = String.fromCharCode(...new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0)));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function unsubscribe(): Promise<void> {
  if (!isSupported()) return;
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

function inTime<T>(asked: Promise<T>, ms = PATIENCE_MS): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("the browser does not answer")), ms));
  return Promise.race([asked, late]);
}

// the session

/** Ends the session; what is pushed to this browser afterwards reaches nobody, also when the server hears nothing of it. */
export async function signOut(): Promise<void> {
  await inTime(unsubscribe(), SIGN_OUT_MS).catch(() => undefined);
  await phone.signOut();
}

/** Looks at each begin of a session, when the network or the person comes back, and when the worker says that the address changed. */
export function keepPush(): void {
  let was = false;
  const look = (): void => void (signedIn.peek() !== null && lookAtPush());
  signedIn.subscribe((session) => {
    if (session !== null && !was) look();
    was = session !== null;
  });
  addEventListener("online", () => pushState.value === "failed" && look());
  document.addEventListener("visibilitychange", () => {
    const changed = isSupported() && (Notification.permission === "denied") !== (pushState.value === "blocked");
    if (document.visibilityState === "visible" && changed) look();
  });
  navigator.serviceWorker?.addEventListener("message", ({ data }: MessageEvent<unknown>) => data === "push changed" && look());
}
