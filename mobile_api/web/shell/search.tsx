/** The field in which a person searches or filters. */

import type { JSX } from "preact";
import { Icon } from "./icons.tsx";

interface Given {
  readonly word: string;
  readonly value?: string;
  readonly onWords: (words: string) => void;
}

export function SearchField({ word, value, onWords }: Given): JSX.Element {
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={word}
        placeholder={word}
        {...(value === undefined ? {} : { value })}
        onInput={(event) => onWords(event.currentTarget.value)}
      />
    </label>
  );
}
