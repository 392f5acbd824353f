/** Notices in words: fills the words of a kind with facts, as the server does for a push. */

/** Of one notice in one language, with the names of its facts in braces. */
export interface Message {
  readonly title: string;
  readonly body: string;
}

const FACT_LIMIT_CHARACTERS = 64;
/** The white space of Python's `split`. */
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const NAME = /\{(\w+)\}/g;

/**
 * The text of a notice; `facts` must hold each name in the words' braces, others are ignored. Long facts are cut with an ellipsis, blank
 * ones shown as a dash. Throws RangeError where a fact is missing.
 */
export function message({ title, body }: Message, facts: Readonly<Record<string, string>>): Message {
  const filled = (text: string): string =>
    text.replace(NAME, (_, name: string) => {
      if (!Object.hasOwn(facts, name)) throw new RangeError(`a notice lacks ${name}`);
      return shown(facts[name]!);
    });
  return { title: filled(title), body: filled(body) };
}

function shown(fact: string): string {
  const letters = Array.from(fact.split(SPACES).filter(Boolean).join(" "));
  if (letters.length > FACT_LIMIT_CHARACTERS) return letters.slice(0, FACT_LIMIT_CHARACTERS - 1).join("") + "…";
  return letters.join("") || "–";
}
