/** The board: what the manager sees first. */

import type { Feature } from "../../shell/feature.ts";
import { Board } from "./board.tsx";
import { say } from "./texts.ts";

export const BOARD: Feature = {
  screens: { board: Board },
  places: [{ order: 10, to: "board", icon: "board", word: () => say("board") }],
};
