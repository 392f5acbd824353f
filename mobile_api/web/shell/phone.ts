/** The one phone of this window as signals: screens read them, and are drawn again when the phone has changed. */

import { batch, computed, signal } from "@preact/signals";
import { Phone, Problem, UnreachableError, type EntityName, type Id, type Records } from "../client/src/index.ts";
import { IndexedStorage } from "../client/src/storage/indexed.ts";
import { ownEntries } from "../client/src/sync/overlay.ts";
import { userName, withUsers } from "../client/src/storage/users.ts";
import { databaseOf, eraseUser } from "./erase.ts";
import { language } from "./language.ts";
import { BASE, SERVER } from "./router.ts";

declare const __VERSION__: string;

const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 30_000;
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
const REVOKED = `outrider.revoked ${BASE}`;

/** The version of the app, as the build named it. */
export const VERSION = __VERSION__;
/** `app` or `desk`: each has a storage of its own. */
export const APP = BASE.split("/").at(-2)!;

export const phone = new Phone({
  url: SERVER,
  storage: withUsers(new IndexedStorage(databaseOf(APP)), (user) => new IndexedStorage(databaseOf(APP, user))),
  language: language.peek(),
  app: `outrider-${APP} ${VERSION}`,
});

/** Rises with every change of the phone; several in one turn count as one. */
export const version = signal(0);
/** Rises with every change of its records and entries, and not when only its state changes. */
export const records = signal(0);
/** (rows here, rows there) of a first sync. */
export const progress = signal<readonly [number, number]>([0, 0]);
/** This phone was revoked for its user and that user's data wiped; kept until the next sign-in. */
export const revoked = signal(localStorage.getItem(REVOKED) !== null);
const line = signal(navigator.onLine);

export const signedIn = computed(() => (version.value, phone.signedIn));
export const state = computed(() => (version.value, phone.state));
export const trouble = computed(() => (version.value, phone.trouble));
export const waiting = computed(() => (version.value, phone.waiting()));
/** Something entered shows already and is not stored yet: it does not count as waiting, and not as sent. */
export const storing = computed(
  () => (version.value, ownEntries(phone.shelf).filter(({ outcome }) => outcome === null).length > phone.waiting()),
);
export const syncedMs = computed(() => (version.value, phone.syncedMs));
/** A network in which the browser believes and that answers nothing is none. */
export const online = computed(() => line.value && state.value !== "offline");

let seat: unknown = null;
/** Whose data this window has had in its memory. */
let user = "";

/** The same look, done again for a key only when the records of the phone or the reader's language have changed. Made once, in a module. */
export function remembered<T, Key = void>(look: (key: Key) => T): (key: Key) => T {
  const seen = new Map<Key, T>();
  let at = "";
  return (key) => {
    const now = `${records.value} ${language.value}`;
    if (now !== at) seen.clear();
    at = now;
    if (!seen.has(key)) seen.set(key, look(key));
    return seen.get(key) as T;
  };
}

const views = remembered((name: EntityName) => phone.views(name));
const view = remembered((name: EntityName) => remembered((id: Id) => phone.view(name, id)));
const viewsById = remembered((name: EntityName) => new Map<Id, unknown>(views(name).map((record) => [record.id, record])));

/** All records of one kind, by id. */
export function all<N extends EntityName>(name: N): readonly Records[N][] {
  return views(name) as Records[N][];
}

/** One record; a screen that shows thousands looks at `byId`. */
export function one<N extends EntityName>(name: N, id: Id): Records[N] | null {
  return view(name)(id) as Records[N] | null;
}

export function byId<N extends EntityName>(name: N): ReadonlyMap<Id, Records[N]> {
  return viewsById(name) as ReadonlyMap<Id, Records[N]>;
}

/**
 * Syncs if somebody is signed in. Being without a network is no error: the mark in the corner tells. A browser that knows no network is
 * believed, so that what is entered meanwhile can still be taken back (P-614); not when a person asks, and not where the server may be on
 * this very machine.
 */
export async function sync(asked = false): Promise<void> {
  if (phone.signedIn === null || !(line.value || asked || LOOPBACK)) return;
  try {
    await phone.sync((position, head) => (progress.value = [position, head]));
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof Problem)) throw error;
  }
}

/** Opens the phone and keeps it in step: on each hint, when the network or the person comes back, and after a pause while it is away. */
export async function open(): Promise<void> {
  phone.onChange(changed);
  await phone.open();
  progress.value = phone.reached();
  addEventListener("online", () => ((line.value = true), void sync()));
  addEventListener("offline", () => (line.value = false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void sync());
  void sync();
  signedIn.subscribe(hearken);
  retry(RETRY_MS_MIN);
}

/** After another user's sign-in the page is loaded anew: nothing of the one before stays in its memory. After a wipe the app comes anew. */
export function signedInAnew(): void {
  const anew = revoked.value || isAnother();
  localStorage.removeItem(REVOKED);
  void navigator.storage?.persist?.();
  if (anew) return location.replace(BASE);
  void sync(true);
}

function isAnother(): boolean {
  return user !== "" && phone.seat.user_id !== "" && userName(phone.seat) !== user;
}

let turn = false;

function changed(): void {
  if (turn) return;
  turn = true;
  queueMicrotask(() => {
    turn = false;
    if (isAnother()) return;
    if (phone.seat.user_id !== "") user = userName(phone.seat);
    batch(() => {
      version.value = phone.version;
      if (phone.shelf.seat !== seat) {
        seat = phone.shelf.seat;
        records.value += 1;
      }
      const wiped = phone.state === "signed_out" && phone.trouble instanceof Problem && phone.trouble.code === "device_wipe";
      if (wiped && !revoked.value) forgotten();
    });
  });
}

function forgotten(): void {
  void eraseUser(APP, user);
  localStorage.setItem(REVOKED, "1");
  revoked.value = true;
}

let hearing: AbortController | null = null;

/** Listens for hints while somebody is signed in; ends with the session. */
function hearken(): void {
  if ((phone.signedIn === null) === (hearing === null)) return;
  hearing?.abort();
  hearing = phone.signedIn === null ? null : new AbortController();
  if (hearing !== null) phone.listen({ signal: hearing.signal }).catch(() => (hearing = null));
}

function retry(afterMs: number): void {
  setTimeout(() => {
    const away = phone.state === "offline" && document.visibilityState === "visible";
    void (away ? sync() : Promise.resolve()).finally(() => {
      hearken();
      retry(phone.state === "offline" ? Math.min(RETRY_MS_MAX, afterMs * 2) : RETRY_MS_MIN);
    });
  }, afterMs);
}
