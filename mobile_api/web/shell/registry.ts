/** The features of the app that runs: named once at its start, read by the screens that leave room for others. */

import { gathered, type Feature, type Features } from "./feature.ts";

let all: Features = gathered([]);

export function use(features: readonly Feature[]): void {
  all = gathered(features);
}

export const features = (): Features => all;
