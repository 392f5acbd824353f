/** Entries of the person: stored first, said in a word at the foot of the screen, then sent when there is a network. */

import { signal } from "@preact/signals";
import type { Edit } from "../client/src/index.ts";
import { rememberCustomers } from "./names.ts";
import { phone, sync } from "./phone.ts";
import { told, type Told } from "./problems.ts";
import { say } from "./texts.ts";

export const SHOWN_MS = 4_000;

/** A word about what was just done, with a way back where there is one; null when it was long enough ago. */
export interface Word {
  readonly text: string;
  /** A screen that it is about. */
  readonly open?: { readonly text: string; readonly to: string };
  readonly undo?: { readonly text: string; readonly act: () => void };
}

export const said = signal<Word | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(word: Word): void {
  said.value = word;
  clearTimeout(timer);
  timer = setTimeout(() => (said.value = null), SHOWN_MS);
}

/**
 * Enters what one touch did. It is safe on this phone at once; while its word stands, the person can take it back, so it is not sent for
 * its own sake before that (P-614). Something else that is sent meanwhile takes it along.
 */
export async function touched(edits: readonly Edit[], text: string): Promise<Told | null> {
  try {
    const [first] = await phone.enter(edits);
    tell({ text, undo: { text: say("undo"), act: () => void takenBack(first!) } });
  } catch (error) {
    const why = told(error);
    tell({ text: why.happened });
    return why;
  }
  setTimeout(() => void sync(), SHOWN_MS);
  return null;
}

async function takenBack(firstN: number): Promise<void> {
  const gone = await phone.takeBack(firstN);
  tell({ text: say(gone.length > 0 ? "undone" : "sent_already") });
}

/** Enters one atomic group. Resolves to null when it is safe on this phone, and to the reason when it is not. */
export async function enter(edits: readonly Edit[], word: Word | null): Promise<Told | null> {
  try {
    await phone.enter(edits);
  } catch (error) {
    const why = told(error);
    tell({ text: why.happened }); // what is done by one touch has no form that could tell it
    return why;
  }
  if (word !== null) tell(word);
  rememberCustomers(edits);
  void sync();
  return null;
}
