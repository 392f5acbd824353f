/** Hands on the map: one finger moves it, two pinch it, the wheel and the keys zoom. */

import { moved, zoomed, type Sight, type Size } from "./geometry.ts";

const TAP_PX = 6;
const STEP_PX = 80;
const STEP_ZOOM = 1.6;
const KEYS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [STEP_PX, 0],
  ArrowRight: [-STEP_PX, 0],
  ArrowUp: [0, STEP_PX],
  ArrowDown: [0, -STEP_PX],
};

export interface Seen {
  readonly sight: () => Sight;
  readonly size: () => Size;
  readonly show: (sight: Sight) => void;
}

/** Listens on the picture until the answer is called. */
export function hands(picture: SVGSVGElement, { sight, size, show }: Seen): () => void {
  const fingers = new Map<number, { x: number; y: number }>();
  let far = 0;
  const at = ({ clientX, clientY }: { clientX: number; clientY: number }): { x: number; y: number } => {
    const box = picture.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  };
  const down = (event: PointerEvent): void => {
    if (fingers.size === 0) far = 0;
    fingers.set(event.pointerId, at(event));
  };
  const move = (event: PointerEvent): void => {
    const was = fingers.get(event.pointerId);
    if (was === undefined) return;
    const now = at(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    far += Math.hypot(now.x - was.x, now.y - was.y);
    if (far < TAP_PX && other === undefined) return;
    if (!picture.hasPointerCapture(event.pointerId)) picture.setPointerCapture(event.pointerId);
    if (other === undefined) show(moved(sight(), now.x - was.x, now.y - was.y));
    else pinch(other, was, now);
  };
  const pinch = (other: { x: number; y: number }, was: { x: number; y: number }, now: { x: number; y: number }): void => {
    const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(Math.hypot(was.x - other.x, was.y - other.y), 1);
    const half = moved(sight(), (now.x - was.x) / 2, (now.y - was.y) / 2);
    show(zoomed(half, size(), factor, (now.x + other.x) / 2, (now.y + other.y) / 2));
  };
  const up = (event: PointerEvent): void => void fingers.delete(event.pointerId);
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const { x, y } = at(event);
    show(zoomed(sight(), size(), Math.exp(-event.deltaY / 400), x, y));
  };
  const key = (event: KeyboardEvent): void => {
    const step = KEYS[event.key];
    if (step !== undefined) show(moved(sight(), ...step));
    else if (event.key === "+" || event.key === "=") show(zoomed(sight(), size(), STEP_ZOOM));
    else if (event.key === "-") show(zoomed(sight(), size(), 1 / STEP_ZOOM));
    else return;
    event.preventDefault();
  };
  const ending = new AbortController();
  const { signal } = ending;
  picture.addEventListener("pointerdown", down, { signal });
  picture.addEventListener("pointermove", move, { signal });
  for (const name of ["pointerup", "pointercancel", "pointerleave"] as const) picture.addEventListener(name, up, { signal });
  picture.addEventListener("wheel", wheel, { signal, passive: false });
  picture.addEventListener("keydown", key, { signal });
  return () => ending.abort();
}
