/** A section of a screen with its heading, and the button that adds to it. */

import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./icons.tsx";
import { say } from "./texts.ts";

interface Given {
  readonly title: string;
  /** What the button does, for those who do not see where it stands. */
  readonly addWord?: string;
  readonly onAdd?: () => void;
  readonly children?: ComponentChildren;
}

export function Section({ title, addWord, onAdd, children }: Given): JSX.Element {
  return (
    <section>
      {onAdd === undefined ? (
        <h2>{title}</h2>
      ) : (
        <h2 class="headed">
          <span class="grow">{title}</span>
          <button aria-haspopup="dialog" class="bare" aria-label={addWord} onClick={onAdd}>
            <Icon name="plus" />
            {say("add")}
          </button>
        </h2>
      )}
      {children}
    </section>
  );
}
