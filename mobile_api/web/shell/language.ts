/** The reader's language: one typed table per language, so that a missing translation does not compile. */

import { signal } from "@preact/signals";
import { keepForWorker, type Language } from "./language_kept.ts";

export type { Language };
export type Facts = Readonly<Record<string, string | number>>;
export type Speaker<Text extends string> = (text: Text, facts?: Facts) => string;

const KEPT = "outrider.language";

export const language = signal<Language>((kept() ?? navigator.language).startsWith("zh") ? "zh" : "en");

export function chooseLanguage(wanted: Language): void {
  language.value = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
  void keepForWorker(wanted);
  try {
    localStorage.setItem(KEPT, wanted);
  } catch {
    // a browser that keeps nothing asks again next time
  }
}

/** Says a text of these tables; `{name}` in it stands for a fact, and `{name:row|rows}` for the word that goes with one or several. */
export function speaker<Text extends string>(tables: Readonly<Record<Language, Readonly<Record<Text, string>>>>): Speaker<Text> {
  return (text, facts = {}) =>
    tables[language.value][text].replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, name: string, one?: string, several?: string) => {
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
