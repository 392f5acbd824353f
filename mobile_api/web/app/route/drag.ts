/** A hand that draws a stop to another place: the others make room while it moves, and nothing is put before it lets go. */

import { signal } from "@preact/signals";

interface Drawn {
  readonly from: number;
  readonly to: number;
  readonly dy: number;
  readonly height: number;
}

const drawn = signal<Drawn | null>(null);

/** How far the row at a place is away from it just now, in pixels. */
export function shift(at: number): number {
  const now = drawn.value;
  if (now === null) return 0;
  if (at === now.from) return now.dy;
  if (at > now.from && at <= now.to) return -now.height;
  return at < now.from && at >= now.to ? now.height : 0;
}

export function draw(event: PointerEvent, from: number, put: (to: number) => void): void {
  const handle = event.currentTarget as HTMLElement;
  const rows = [...handle.closest("ol")!.children].map((row) => row.getBoundingClientRect());
  const { top, height } = rows[from]!;
  const ending = new AbortController();
  const { signal: over } = ending;
  handle.setPointerCapture(event.pointerId);
  const move = ({ clientY }: PointerEvent): void => {
    const dy = clientY - event.clientY;
    const middle = top + height / 2 + dy;
    const to = rows.filter((row, at) => at !== from && row.top + row.height / 2 < middle).length;
    drawn.value = { from, to, dy, height };
  };
  const end = ({ type }: PointerEvent): void => {
    ending.abort();
    const to = drawn.value?.to ?? from;
    drawn.value = null;
    if (type === "pointerup" && to !== from) put(to);
  };
  handle.addEventListener("pointermove", move, { signal: over });
  handle.addEventListener("pointerup", end, { signal: over });
  handle.addEventListener("pointercancel", end, { signal: over });
}
