/** Choosing one of many records: a sheet with a search, the likeliest first. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Empty, Sheet } from "./parts.tsx";
import { SearchField } from "./search.tsx";
import { say } from "./texts.ts";

const SHOWN_MAX = 60;

export interface PickerOf<T> {
  readonly title: string;
  readonly items: readonly T[];
  /** Whoever has the items finds them by these words; without it the picker does. */
  readonly onWords?: (words: string) => void;
  /** All that is searched, in any case. */
  readonly text: (item: T) => string;
  readonly keyed: (item: T) => string;
  readonly name: (item: T) => string;
  readonly line?: (item: T) => string;
  readonly onPick: (item: T) => void;
  readonly onClose: () => void;
}

export function Picker<T>({ title, items, text, keyed, name, line, onWords, onPick, onClose }: PickerOf<T>): JSX.Element {
  const [wanted, setWanted] = useState("");
  const found = useMemo(() => {
    const each = (onWords === undefined ? wanted : "").normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item: T): boolean => each.every((word) => text(item).normalize("NFKC").toLowerCase().includes(word));
    return items.filter(fits).slice(0, SHOWN_MAX);
  }, [items, wanted]);
  return (
    <Sheet title={title} onClose={onClose}>
      <SearchField word={say("search")} onWords={onWords ?? setWanted} />
      <div class="list picks">
        {found.map((item) => (
          <button class="row" type="button" key={keyed(item)} onClick={() => onPick(item)}>
            <span class="grow">
              <b>{name(item)}</b>
              {line !== undefined && <small>{line(item)}</small>}
            </span>
          </button>
        ))}
        {found.length === 0 && <Empty icon="search">{say("nothing_found")}</Empty>}
      </div>
    </Sheet>
  );
}
