/** What is known of one thing: a word and its value, line by line. */

import type { ComponentChildren, JSX } from "preact";

interface Given {
  readonly facts: readonly (readonly [word: string, value: ComponentChildren])[];
  /** It stands on the page, and not in a sheet. */
  readonly card?: boolean;
}

export function FactList({ facts, card = false }: Given): JSX.Element {
  return (
    <dl class={card ? "card facts" : "facts"}>
      {facts.map(([word, value]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
