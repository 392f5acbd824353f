/** Figures of a board, each a way to what it counts. */

import type { JSX } from "preact";
import { count } from "../../shell/format.ts";
import { href } from "../../shell/router.ts";

export interface Figure {
  readonly word: string;
  /** Null: not known yet. */
  readonly value: number | null;
  readonly to: string;
  readonly more?: string;
  /** More than none asks for something. */
  readonly asks?: boolean;
}

export function Figures({ figures }: { readonly figures: readonly Figure[] }): JSX.Element {
  return (
    <div class="figures">
      {figures.map(({ word, value, to, more, asks }) => (
        <a key={word} class="card figure" href={href(to)}>
          <span>{word}</span>
          <b class={asks === true && (value ?? 0) > 0 ? "asks" : ""}>{value === null ? "–" : count(value)}</b>
          {more !== undefined && <small>{more}</small>}
        </a>
      ))}
    </div>
  );
}
