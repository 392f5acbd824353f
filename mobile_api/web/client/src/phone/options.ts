/** What a phone is made with, and what it takes of the platform when the app gives nothing else. */

import type { Storage } from "../storage/storage.ts";
import type { Host } from "./transport.ts";

const APP = "outrider-client 1";

export type PhoneState = "signed_out" | "idle" | "syncing" | "offline" | "upgrade";
export type Decision = "keep_theirs" | "dismiss" | "send_to_manager";

/** What the user of a phone signs in with. */
export interface Credentials {
  readonly organisation: string;
  readonly account: string;
  readonly password: string;
}

export interface PhoneOptions extends Partial<Host> {
  readonly url: string;
  readonly storage: Storage;
  /** The app's name and version, told to the server: 40 letters at most. */
  readonly app?: string;
  /** Milliseconds since 1970 as this phone believes them. They decide nothing. */
  readonly clock?: () => number;
  /** So many random bytes; without: Web Crypto's. */
  readonly random?: (count: number) => Uint8Array;
}

/** The same with the platform's own means where none was given. */
export function filled(given: PhoneOptions): Required<PhoneOptions> {
  return {
    language: "en",
    app: APP,
    clock: Date.now,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    fetch: (input, init) => globalThis.fetch(input, init),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    busy: () => undefined,
    ...given,
  };
}
