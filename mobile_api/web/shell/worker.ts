/**
 * The service worker: the app's own files from the cache, a whole version at a time; an answer of the server is never kept. A push becomes
 * a notice in the reader's language, and the app syncs.
 */
/// <reference lib="webworker" />

import { LANGUAGE_KEPT, type Language } from "./language_kept.ts";
import { lineOf, noticeIn, type Notice } from "./notice.ts";
import { fileOf } from "./tables.ts";

declare const self: ServiceWorkerGlobalScope;
declare const __VERSION__: string;
declare const __APP__: string;
declare const __FILES__: readonly string[];

const OWN = `outrider ${__APP__} `;
const CACHE = OWN + __VERSION__;
const HOME = self.registration.scope;

/** The whole version, or none of it. */
async function fetchVersion(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(__FILES__.map((file) => new Request(HOME + file, { cache: "no-cache" })));
}

async function dropOthers(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(OWN) && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const wanted = request.mode === "navigate" ? HOME : request.url;
  return (await (await caches.open(CACHE)).match(wanted)) ?? fetch(request);
}

async function language(): Promise<Language> {
  const chosen = await caches.match(LANGUAGE_KEPT).then(
    (kept) => kept?.text(),
    () => undefined,
  );
  return (chosen ?? navigator.language).startsWith("zh") ? "zh" : "en";
}

/** A browser wants a notice shown for each push, so that one shows without a word where the texts are gone. */
async function said(notice: Notice, spoken: Language): Promise<string> {
  try {
    return lineOf(notice, (await (await answer(new Request(HOME + fileOf(spoken)))).text()).split("\n"));
  } catch {
    return "Outrider";
  }
}

/** Windows of the app, the one used last before the others. */
async function windows(): Promise<WindowClient[]> {
  const found = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return found.filter(({ url }) => url.startsWith(HOME));
}

async function news(payload: string): Promise<void> {
  const notice = noticeIn(payload, HOME);
  const { tag, to } = notice;
  const spoken = await language();
  const [icon, lang] = [`${HOME}icon-512.png`, spoken === "zh" ? "zh-CN" : "en"];
  await self.registration.showNotification(await said(notice, spoken), { tag, icon, lang, data: to });
  for (const one of await windows()) one.postMessage("news");
}

async function show(to: string): Promise<void> {
  const [open] = await windows();
  if (open === undefined) return void (await self.clients.openWindow(HOME + to));
  open.postMessage({ to });
  await open.focus().catch(() => undefined); // a browser may refuse to bring a window to the front
}

self.addEventListener("install", (event) => event.waitUntil(fetchVersion()));
self.addEventListener("activate", (event) => event.waitUntil(dropOthers()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});
self.addEventListener("push", (event) => event.waitUntil(news(event.data?.text() ?? "")));
self.addEventListener("pushsubscriptionchange", (event) => {
  const all = windows().then((open) => open.forEach((one) => one.postMessage("push changed"))); // else the next start of the app tells it
  (event as ExtendableEvent).waitUntil(all);
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(String(event.notification.data ?? "")));
});
self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(HOME)) event.respondWith(answer(event.request));
});
