/** Where the phone is: a position that improves while a screen watches it, and how far things are from there. */

import { signal } from "@preact/signals";
import { flatDistanceMm } from "../client/src/geo/distance.ts";

/** A fix of the phone, WGS-84. */
export interface Fix {
  readonly latitude_e6: number;
  readonly longitude_e6: number;
  readonly accuracy_mm: number | null;
  readonly fix_ms: number;
}

export type Searching = "idle" | "searching" | "found" | "refused" | "failed";

export const fix = signal<Fix | null>(null);
export const searching = signal<Searching>("idle");
let watchers = 0;
let watch: number | null = null;

/** Watches the position until the answer is called. The best fix of the last minute stays. */
export function watchPosition(): () => void {
  watchers += 1;
  if (watch === null) begin();
  return () => {
    watchers -= 1;
    if (watchers > 0 || watch === null) return;
    navigator.geolocation.clearWatch(watch);
    watch = null;
    if (searching.value === "searching") searching.value = "idle";
  };
}

function begin(): void {
  if (!("geolocation" in navigator)) {
    searching.value = "failed";
    return;
  }
  searching.value = fix.value === null ? "searching" : "found";
  const options = { enableHighAccuracy: true, maximumAge: 10_000, timeout: 30_000 };
  watch = navigator.geolocation.watchPosition(found, failed, options);
}

const FRESH_MS = 60_000;

/** An accuracy of 0 is none: such a fix must not stand before one that has one. */
function found({ coords, timestamp }: GeolocationPosition): void {
  const accuracy_mm = coords.accuracy > 0 && Number.isFinite(coords.accuracy) ? Math.round(coords.accuracy * 1000) : null;
  const was = fix.value;
  const better = was === null || timestamp - was.fix_ms > FRESH_MS || (accuracy_mm ?? Infinity) <= (was.accuracy_mm ?? Infinity);
  if (better) {
    const [latitude_e6, longitude_e6] = [Math.round(coords.latitude * 1e6), Math.round(coords.longitude * 1e6)];
    fix.value = { latitude_e6, longitude_e6, accuracy_mm, fix_ms: Math.round(timestamp) };
  }
  searching.value = "found";
}

function failed(error: GeolocationPositionError): void {
  if (fix.value === null) searching.value = error.code === error.PERMISSION_DENIED ? "refused" : "failed";
}

export interface Placed {
  readonly wgs_latitude_e6: number | null;
  readonly wgs_longitude_e6: number | null;
}

/** How far a record with a WGS-84 position is from the phone, in millimetres; null when one of both is unknown. */
export function distanceTo({ wgs_latitude_e6, wgs_longitude_e6 }: Placed): number | null {
  const here = fix.value;
  if (here === null || wgs_latitude_e6 === null || wgs_longitude_e6 === null) return null;
  return flatDistanceMm(here.latitude_e6, here.longitude_e6, wgs_latitude_e6, wgs_longitude_e6);
}
