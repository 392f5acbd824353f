/** The word at the foot of the screen about what was just done. */

import type { JSX } from "preact";
import { said } from "./entering.ts";
import { href } from "./router.ts";

export function Toast(): JSX.Element {
  const word = said.value;
  return (
    <div class="toast" role="status" aria-live="polite">
      {word !== null && (
        <p>
          <span>{word.text}</span>
          {word.open !== undefined && (
            <a class="button bare" href={href(word.open.to)}>
              {word.open.text}
            </a>
          )}
          {word.undo !== undefined && (
            <button class="bare" onClick={word.undo.act}>
              {word.undo.text}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
