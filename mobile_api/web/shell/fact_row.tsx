/** One fact of a customer on the screen, with the button that edits it. */

import type { JSX } from "preact";
import { Icon } from "./icons.tsx";
import { say } from "./texts.ts";

interface RowGiven {
  readonly word: string;
  /** Empty: nothing is known. */
  readonly value: string;
  readonly onEdit: () => void;
}

export function FactRow({ word, value, onEdit }: RowGiven): JSX.Element {
  return (
    <button aria-haspopup="dialog" onClick={onEdit}>
      <span>
        <span class="unseen">{say("edit_field", { field: "" })}</span>
        {word}
      </span>
      <span class={value === "" ? "value none" : "value"}>{value || say("not_told")}</span>
      <Icon name="edit" />
    </button>
  );
}
