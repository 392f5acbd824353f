/** Small things that a window remembers of one user beside the phone's storage; gone with the data of a revoked phone. */

import { userName } from "../client/src/storage/users.ts";
import { keptOf } from "./erase.ts";
import { APP, phone } from "./phone.ts";

const keyOf = (name: string): string => keptOf(APP, userName(phone.seat)) + name;

export function kept(name: string): string | null {
  return localStorage.getItem(keyOf(name));
}

export function keep(name: string, text: string): void {
  try {
    localStorage.setItem(keyOf(name), text);
  } catch {
    // a browser that keeps nothing forgets it
  }
}
