/** The first letters of Chinese names, so that "shdt" finds 上海德泰: the platform's own collator knows the order, and no table is shipped. */

const LETTERS = "abcdefghjklmnopqrstwxyz";
/** The first character of each letter in the order of pinyin; no syllable begins with i, u or v. */
const FIRST = Array.from("阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥仨他穵夕丫帀");
/** Characters that are read in two ways in the names of people, places and firms: each before the letter that is not the collator's. */
const OTHERS =
  "重c长c厦x曾z单s解x仇q区o查z覃q乐y行h石d车j便p蕃f番p尉y晟s盛c调t会k参s召s种c隗k贾g折s藏z朝z降x辟b泊b匙c脯f蛤g槛j咯k咳k埔p茄q伺s畜x吁y轧z";
const OTHER = new Map(Array.from(OTHERS.matchAll(/(.)(.)/gu), ([, character, letter]) => [character!, letter!]));
const VARIANTS_MAX = 8;
const HAN = /\p{Script=Han}/u;
const SOUND = /[\p{L}\p{N}]/u;

const collator = new Intl.Collator("zh-u-co-pinyin");
/** A platform that knows no pinyin gives no letters, rather than wrong ones. */
const known = FIRST.every((character, at) => at === 0 || collator.compare(FIRST[at - 1]!, character) < 0);
const kept = new Map<string, string>();

/** The letters with which a character may begin, the usual one first: of 重 "zc", of a Latin letter or a digit itself, of a sign none. */
export function lettersOf(character: string): string {
  let letters = kept.get(character);
  if (letters === undefined) kept.set(character, (letters = looked(character)));
  return letters;
}

function looked(character: string): string {
  if (!HAN.test(character)) return SOUND.test(character) ? character.toLowerCase() : "";
  if (!known) return "";
  return letterOf(character) + (OTHER.get(character) ?? "");
}

function letterOf(character: string): string {
  let [low, high] = [0, FIRST.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (collator.compare(FIRST[middle]!, character) <= 0) low = middle;
    else high = middle - 1;
  }
  return LETTERS[low]!;
}

/** A text by the first letters of its characters, in each way in which it may be read: at most VARIANTS_MAX, the usual one first. */
export function initialsOf(text: string): string[] {
  let variants = [""];
  for (const character of text) {
    const letters = lettersOf(character);
    if (letters === "") continue;
    const used = variants.length * letters.length > VARIANTS_MAX ? letters[0]! : letters;
    variants = Array.from(used).flatMap((letter) => variants.map((begun) => begun + letter));
  }
  return variants[0] === "" ? [] : variants;
}

/** The first letters of the words of a text: of "Quay Hardware" "qh"; empty for a single word. */
export function wordInitials(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length < 2 ? "" : words.map((word) => String.fromCodePoint(word.codePointAt(0)!)).join("");
}
