/** The operator's map beneath the points, where the server names one and there is a network. */

import type { JSX } from "preact";
import { online } from "../../shell/phone.ts";
import type { Sight, Size } from "./geometry.ts";
import { tilesIn, type Source } from "./tiles.ts";

const told = document.querySelector<HTMLMetaElement>('meta[name="map"]');
export const source: Source | null = told === null ? null : { tiles: told.content, credit: told.dataset["credit"] ?? "" };

export function Pictures({ seen, size }: { readonly seen: Sight; readonly size: Size }): JSX.Element | null {
  if (source === null || !online.value) return null;
  return (
    <g class="pictures" aria-hidden="true">
      {tilesIn(source, seen, size).map((tile) => (
        <image key={tile.href} {...tile} preserveAspectRatio="none" />
      ))}
    </g>
  );
}
