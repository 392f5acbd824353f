/** The reader's language where the service worker finds it: a worker reads no local storage. */

export type Language = "zh" | "en";

const CACHE = "outrider-language";
export const LANGUAGE_KEPT = `${location.origin}/language`;

export async function keepForWorker(language: Language): Promise<void> {
  try {
    await (await caches.open(CACHE)).put(LANGUAGE_KEPT, new Response(language));
  } catch {
    // a browser that keeps nothing, or a page that is not secure and has no worker either
  }
}
