/** The admin's first screen: what of people, devices, pools and prices asks for something, and how many there are of each. */

import type { JSX } from "preact";
import { count } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { records } from "../../shell/phone.ts";
import { href } from "../../shell/router.ts";
import { Heard, useLive } from "../heard.tsx";
import { askPeople, figures, matters, type Matter } from "./admin_look.ts";
import { say } from "./admin_texts.ts";
import { Figures } from "./figures.tsx";

const NAMES_MAX = 4;

export function AdminBoard(): JSX.Element {
  const asked = useLive(askPeople);
  void records.value;
  return (
    <main class="board">
      <p class="lead">{say("lead")}</p>
      <Heard of={asked}>
        {(told) => (
          <>
            <section>
              <h2>{say("asks")}</h2>
              <Matters all={matters(told)} />
            </section>
            <section>
              <h2>{say("organisation")}</h2>
              <Figures figures={figures(told).map(({ what, n, to }) => ({ word: say(what), value: n, to }))} />
            </section>
          </>
        )}
      </Heard>
    </main>
  );
}

function Matters({ all }: { readonly all: readonly Matter[] }): JSX.Element {
  if (all.length === 0)
    return (
      <p class="card row">
        <Icon name="check" />
        {say("calm")}
      </p>
    );
  return (
    <ul class="card list matters" aria-label={say("asks")}>
      {all.map(({ what, means, to, names }) => (
        <li key={what}>
          <a class="row" href={href(to)}>
            <b class="asks">{count(names.length)}</b>
            <span class="grow">
              <b>{say(what)}</b>
              <small>{namesIn(names)}</small>
              <small>{say(means)}</small>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function namesIn(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX);
  return [...shown, ...(names.length > shown.length ? [say("and_more", { n: count(names.length - shown.length) })] : [])].join(", ");
}
