/** Tables of texts: one per language in the source; at run time the names here and the texts in a file of each language. */

import type { Language } from "./language_kept.ts";

/** As an author writes them, so that a missing translation does not compile. */
export type Tables<Text extends string> = Readonly<Record<Language, Readonly<Record<Text, string>>>>;
/** The file of a language: the texts of all tables, one after the other. */
export type Lines = readonly string[];
/** What the build leaves of tables: at which line they begin, and the names of their texts in that order. */
type Placed = readonly [from: number, names: string];

/** The name of each language's file. */
declare const __WORDS__: Readonly<Record<Language, string>>;

export const fileOf = (language: Language): string => __WORDS__[language];

/** At which line a text stands; undefined for a name that is not there. */
export function linesOf<Text extends string>({ zh }: Tables<Text>): (text: string) => number | undefined {
  const [from, names] = zh as unknown as Placed;
  const places = new Map(names.split(" ").map((name, at) => [name, from + at]));
  return (text) => places.get(text);
}
