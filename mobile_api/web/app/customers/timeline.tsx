/** All that happened with a customer, newest first, of every kind of record that has a moment. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { OfCustomer } from "../../shell/feature.ts";
import { ago, count } from "../../shell/format.ts";
import { happeningsOf, readable, type Happening } from "../../shell/happened.ts";
import { Icon } from "../../shell/icons.tsx";
import { href } from "../../shell/router.ts";
import { Section } from "../../shell/section.tsx";
import { personName } from "../../shell/words.ts";
import { say } from "./texts.ts";

const SHOWN_FIRST = 8;

function Line({ happening }: { readonly happening: Happening }): JSX.Element {
  const { record, atMs, corrections } = happening;
  const { title, line, icon, to, waits } = readable(happening);
  const author = typeof record["author_id"] === "string" ? personName(record["author_id"]) : "";
  return (
    <li class={record["withdrawn"] === true ? "gone" : ""}>
      <a class="row" {...(to === null ? {} : { href: href(to) })}>
        <Icon name={icon} />
        <span class="grow">
          <b>
            {[title, author].filter(Boolean).join(" · ")}
            {waits && <span class="chip wait">{say("waits")}</span>}
            {corrections > 0 && <span class="chip">{say("corrected")}</span>}
          </b>
          <small>{line}</small>
        </span>
        <small class="side">{ago(atMs)}</small>
      </a>
    </li>
  );
}

export function Timeline({ customer }: OfCustomer): JSX.Element {
  const [whole, setWhole] = useState(false);
  const happened = happeningsOf(customer.id);
  const shown = whole ? happened : happened.slice(0, SHOWN_FIRST);
  return (
    <Section title={say("timeline")}>
      {happened.length === 0 && (
        <p class="card quiet">
          <Icon name="clock" />
          {say("nothing_happened")}
        </p>
      )}
      {happened.length > 0 && (
        <div class="card">
          <ul class="timeline">
            {shown.map((one) => (
              <Line key={one.record.id} happening={one} />
            ))}
          </ul>
          {shown.length < happened.length && (
            <button class="row more" onClick={() => setWhole(true)}>
              {say("show_all", { n: count(happened.length) })}
            </button>
          )}
        </div>
      )}
    </Section>
  );
}
