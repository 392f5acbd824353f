/** Tokens in the keychain of the operating system, all else in the storage beside it. */

import type { NoteChanges, Notes, Storage, Stored } from "./storage.ts";

/** One secret text, such as an entry of the iOS keychain or of Android's keystore. */
export interface Keychain {
  read(): Promise<string | null>;
  /** Null forgets it. */
  write(secret: string | null): Promise<void>;
}

const TOKENS = "tokens";

/**
 * The same storage, but the tokens of the session stand in the keychain. They are written there first: after a kill between the two they
 * are at most newer than the line that is stored, and the phone follows them to their line.
 */
export function withKeychain(storage: Storage, keychain: Keychain): Storage {
  const keep = (body: Uint8Array | null): Promise<void> => keychain.write(body === null ? null : hex(body));
  return {
    async load(): Promise<Stored> {
      const { shelf, notes } = await storage.load();
      const secret = await keychain.read();
      if (secret !== null) notes.set(TOKENS, bytes(secret));
      return { shelf, notes };
    },
    async save(shelf, changes, notes, safe): Promise<void> {
      const rest: NoteChanges = new Map([...notes].filter(([name]) => name !== TOKENS));
      if (notes.has(TOKENS)) await keep(notes.get(TOKENS) ?? null);
      await storage.save(shelf, changes, rest, safe);
    },
    async wipe(kept: Notes): Promise<void> {
      await keep(null);
      await storage.wipe(kept);
    },
    close: () => storage.close(),
  };
}

function hex(body: Uint8Array): string {
  return [...body].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
