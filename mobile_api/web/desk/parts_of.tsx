/** The parts of one place of the desk, side by side below its heading: each has an address of its own. */

import type { ComponentType, JSX } from "preact";
import type { Shown } from "../shell/feature.ts";
import { TopBar } from "../shell/parts.tsx";
import { href } from "../shell/router.ts";

export interface Part {
  /** Behind the place's own address; empty for the first part. */
  readonly to: string;
  readonly word: string;
  /** `rest`: the parts of the address behind its own. */
  readonly View: ComponentType<Shown>;
}

interface Given {
  readonly title: string;
  readonly place: string;
  readonly rest: readonly string[];
  readonly parts: readonly Part[];
}

export function Parts({ title, place, rest, parts }: Given): JSX.Element {
  const here = parts.find(({ to }) => to === (rest[0] ?? "")) ?? parts[0]!;
  return (
    <>
      <TopBar title={title} />
      <nav class="parts" aria-label={title}>
        {parts.map(({ to, word }) => (
          <a key={to} href={href(to === "" ? place : `${place}/${to}`)} aria-current={here.to === to ? "page" : undefined}>
            {word}
          </a>
        ))}
      </nav>
      <main class="flush">
        <here.View key={here.to} rest={rest.slice(1)} />
      </main>
    </>
  );
}
