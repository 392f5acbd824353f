/** What an app keeps in a browser, by whose it is, and how it goes: of one user, or of everybody who worked here. */

import { IndexedStorage } from "../client/src/storage/indexed.ts";
import { ownEntries } from "../client/src/sync/overlay.ts";

/** Of the app itself, or of one of its users. */
export const databaseOf = (app: string, user = ""): string => `outrider-${app} ${user}`.trim();

/** What the names of small things begin with that a window remembers of a user; of all of them where none is named. */
export const keptOf = (app: string, user = ""): string => `outrider.kept ${app} ${user === "" ? "" : `${user} `}`;

async function databasesOf(app: string): Promise<string[]> {
  const found = await indexedDB.databases();
  return found.flatMap(({ name = "" }) => (name.startsWith(`${databaseOf(app)} `) ? [name] : []));
}

/** How many users beside this one have data here, and how many of their entries the server does not have. */
export async function others(app: string, user: string): Promise<{ readonly users: number; readonly unsent: number }> {
  const names = (await databasesOf(app)).filter((name) => name !== databaseOf(app, user));
  let unsent = 0;
  for (const name of names) {
    const storage = new IndexedStorage(name);
    unsent += ownEntries((await storage.load()).shelf).filter(({ outcome }) => outcome === null).length;
    await storage.close();
  }
  return { users: names.length, unsent };
}

/** The data of one user, and with the last one's the app itself: whoever signs in next needs the network anyway. */
export async function eraseUser(app: string, user: string): Promise<void> {
  forget(keptOf(app, user));
  await dropDatabase(databaseOf(app, user));
  if ((await databasesOf(app)).length === 0) await eraseFiles(app);
}

/** Everything of everybody, as if the app had never been here. */
export async function eraseAll(app: string): Promise<void> {
  forget(keptOf(app));
  for (const name of [...(await databasesOf(app)), databaseOf(app)]) await dropDatabase(name);
  await eraseFiles(app);
}

function forget(begin: string): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(begin)) localStorage.removeItem(key);
}

/** The app's own files, and the worker that keeps them: the next start brings both again. */
async function eraseFiles(app: string): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(`outrider ${app} `)) await caches.delete(name);
  await (await navigator.serviceWorker?.getRegistration())?.unregister();
}

function dropDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.deleteDatabase(name);
    asked.onsuccess = () => resolve();
    asked.onerror = () => reject(asked.error ?? new Error("the browser's storage failed"));
  });
}
