/** Clean text (P-110), the one form of typed text (P-622), and the order of texts; the twin of `shared_schema/text.py`. */

// C0 controls other than tab and line feed, DEL, C1 controls, and lone surrogates.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff]/u;
const EVERY_CONTROL = new RegExp(CONTROL, "gu");
/** Printable ASCII, tab and line feed: always clean. Most texts are. */
const PLAIN = /^[\t\n\u0020-\u007e]*$/;
const LINE_ENDS = /\r\n|[\r\u0085\u2028\u2029]/g;
/** As Python counts blanks, on the server: with the separators 1C to 1F and next line, without the byte order mark. */
const BLANK = "[\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const BLANKS = new RegExp(BLANK, "g");
const CHEROKEE = /[\u13a0-\u13fd\uab70-\uabbf]/;
const AROUND = new RegExp(`^${BLANK}|${BLANK}$`, "g");

/** Typed or pasted text in the one form in which it is kept: NFC, lines end with LF. */
export function typed(text: string): string {
  return text.normalize("NFC").replace(LINE_ENDS, "\n");
}

/** A name, a number or a day without the forms of an input method: full-width letters and digits as the plain ones, no blanks around. */
export function plain(text: string): string {
  return stripped(text.normalize("NFKC"));
}

/** The text without blanks around. */
export function stripped(text: string): string {
  return text.replace(AROUND, "");
}

/** The form in which a search compares texts: input forms, letter case, invisible letters and the number of blanks do not count. */
export function searched(text: string): string {
  const folded = caseless(text.normalize("NFKC")).normalize("NFKC");
  return folded
    .replace(/\p{Cf}/gu, "")
    .replace(BLANKS, " ")
    .replace(/^ | $/g, "");
}

/** The first letter that no text may hold. */
export function controlIn(text: string): string | null {
  return CONTROL.exec(text)?.[0] ?? null;
}

/** A text that may hold anything, as a screen shows it: U+FFFD for each letter that no text may hold. */
export function shown(text: string): string {
  return text.replace(EVERY_CONTROL, "\ufffd");
}

/** Whether a text is NFC and holds no control character except tab and line feed. */
export function cleanText(text: string): boolean {
  return PLAIN.test(text) || (text.normalize("NFC") === text && !CONTROL.test(text));
}

/** Whether every text in nested values is clean; the keys of maps are text too. */
export function clean(value: unknown): boolean {
  if (typeof value === "string") return cleanText(value);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every(clean);
  return Object.entries(value).every(([key, part]) => cleanText(key) && clean(part));
}

/** Code points of a text: as the server counts letters, not as `length` does. */
export function letters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * Python's case folding, which the language lacks: letter by letter, as `toLowerCase` looks at the neighbours of a sigma. The dotless i
 * is no i, and Cherokee folds to its capitals.
 */
function caseless(text: string): string {
  return Array.from(text, (letter) => {
    if (letter === "ı") return letter;
    return CHEROKEE.test(letter) ? letter.toUpperCase() : letter.toLowerCase().toUpperCase().toLowerCase();
  }).join("");
}

/** As the server sorts text, and as UTF-8 sorts: by code point, where `<` compares 16-bit units. */
export function byCodePoint(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (one !== other) return place(one) - place(other);
  }
  return left.length - right.length;
}

/** The halves of a letter beyond U+FFFF stand after all other units. */
function place(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
