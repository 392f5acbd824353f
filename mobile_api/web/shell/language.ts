/** The reader's language, and its texts: a phone loads the file of the language that it shows. */

import { signal } from "@preact/signals";
import { UnreachableError } from "../client/src/index.ts";
import { keepForWorker, type Language } from "./language_kept.ts";
import { BASE } from "./router.ts";
import { fileOf, linesOf, type Lines, type Tables } from "./tables.ts";

export type { Language };
export type Facts = Readonly<Record<string, string | number>>;
export type Speaker<Text extends string> = (text: Text, facts?: Facts) => string;

const KEPT = "outrider.language";
const loaded: Partial<Record<Language, Lines>> = {};

export const language = signal<Language>((kept() ?? navigator.language).startsWith("zh") ? "zh" : "en");
let wanted = language.value;

/** The texts of a language are here; UnreachableError where they can be had neither from the worker nor from the server. */
async function load(one: Language): Promise<void> {
  if (loaded[one] !== undefined) return;
  const answer = await fetch(BASE + fileOf(one)).catch(() => null);
  if (answer?.ok !== true) throw new UnreachableError("no texts from the server");
  loaded[one] = (await answer.text()).split("\n");
}

/** All is said in this language as soon as its texts are here; in the one before if they cannot be had. */
export async function chooseLanguage(one: Language): Promise<void> {
  wanted = one;
  await load(one);
  if (wanted !== one) return; // another was chosen meanwhile
  language.value = one;
  document.documentElement.lang = one === "zh" ? "zh-CN" : "en";
  void keepForWorker(one);
  try {
    localStorage.setItem(KEPT, one);
  } catch {
    // a browser that keeps nothing asks again next time
  }
}

/** Looks up texts of these tables; undefined for a name that is newer than they are. */
export function texts<Text extends string>(tables: Tables<Text>): (text: string) => string | undefined {
  const lines = linesOf(tables);
  return (text) => loaded[language.value]![lines(text)!];
}

/** Says a text of these tables; `{name}` in it stands for a fact, and `{name:row|rows}` for the word that goes with one or several. */
export function speaker<Text extends string>(tables: Tables<Text>): Speaker<Text> {
  const textOf = texts(tables);
  return (text, facts = {}) =>
    textOf(text)!.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, name: string, one?: string, several?: string) => {
      const fact = String(facts[name] ?? "");
      return one === undefined ? fact : ((fact === "1" ? one : several) ?? "");
    });
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
