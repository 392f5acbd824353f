/** The rep's app. */

import type { JSX } from "preact";
import { speaker } from "../shell/language.ts";
import { use } from "../shell/registry.ts";
import { Screens } from "../shell/screens.tsx";
import { start } from "../shell/start.tsx";
import { FEATURES } from "./features.ts";

const zh = { title: "Outrider 外勤" } as const;
const en: Record<keyof typeof zh, string> = { title: "Outrider" };
const say = speaker({ zh, en });

function App(): JSX.Element {
  return <Screens name="Outrider" />;
}

use(FEATURES);
void start(() => say("title"), App);
