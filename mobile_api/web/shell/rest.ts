/** What only the server knows, asked by REST: needs the network, and a screen that shows it says so. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { UnreachableError, type Id } from "../client/src/index.ts";
import { phone } from "./phone.ts";
import { told, type Told } from "./problems.ts";

interface Page<T> {
  readonly items: readonly T[];
  readonly after: Id | string | number | null;
  /** Of whom the items speak, where the list tells. */
  readonly customers?: readonly unknown[];
}

export function ask<T>(path: string): Promise<T> {
  return phone.session.transport.json("GET", path) as Promise<T>;
}

export function give<T>(path: string, asked: unknown): Promise<T> {
  return phone.session.transport.json("POST", path, asked) as Promise<T>;
}

export function put<T>(path: string, asked: unknown): Promise<T> {
  return phone.session.transport.json("PUT", path, asked) as Promise<T>;
}

export function end<T>(path: string): Promise<T> {
  return phone.session.transport.json("DELETE", path) as Promise<T>;
}

/** All pages of a list, or those until `enough` says so; `each` hears of every page. */
export async function pages<T>(
  path: string,
  enough: (items: readonly T[]) => boolean = () => false,
  each: (page: Page<T>) => void = () => undefined,
): Promise<T[]> {
  const items: T[] = [];
  for (let after: Page<T>["after"] | undefined; after !== null;) {
    const query = after === undefined ? path : `${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(String(after))}`;
    const page: Page<T> = await ask<Page<T>>(query);
    items.push(...page.items);
    each(page);
    after = enough(items) ? null : page.after;
  }
  return items;
}

export interface Asked<T> {
  /** What was heard last; null before the first answer. */
  readonly value: T | null;
  readonly heardMs: number | null;
  readonly trouble: Told | null;
  /** The server could not be reached: what is shown is old, or nothing. */
  readonly away: boolean;
  readonly again: () => void;
}

/**
 * Asks when the screen opens, when `question` changes, on `again`, and anew on each of `hints`; keeps the last answer while the network
 * is away. A hint does not undo the asking before it: whichever answer is the newest one stands, so hints in a row starve nobody.
 */
export function useAsked<T>(look: () => Promise<T>, question: readonly unknown[] = [], hints: readonly unknown[] = []): Asked<T> {
  const heard = useSignal<{ readonly value: T; readonly atMs: number } | null>(null);
  const failed = useSignal<unknown>(null);
  const turn = useSignal(0);
  const asking = useRef({ question: {}, begun: 0, answered: 0 }).current;
  useEffect(() => {
    asking.question = {};
    return () => {
      asking.question = {};
    };
  }, question);
  useEffect(() => {
    const [mine, number] = [asking.question, ++asking.begun];
    const stands = (): boolean => mine === asking.question && number > asking.answered;
    look().then(
      (value) => {
        if (!stands()) return;
        asking.answered = number;
        heard.value = { value, atMs: Date.now() };
        failed.value = null;
      },
      (error: unknown) => {
        if (!stands()) return;
        asking.answered = number;
        failed.value = error;
      },
    );
  }, [turn.value, ...question, ...hints]);
  return {
    value: heard.value?.value ?? null,
    heardMs: heard.value?.atMs ?? null,
    trouble: failed.value === null ? null : told(failed.value),
    away: failed.value instanceof UnreachableError,
    again: () => (turn.value += 1),
  };
}
