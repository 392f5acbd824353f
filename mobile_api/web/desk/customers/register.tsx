/** The customers that a role reaches and no device of it holds: found by the server, a page at a time (D-494). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Customer, Standing } from "../../client/src/index.ts";
import { count } from "../../shell/format.ts";
import { Avatar, Empty } from "../../shell/parts.tsx";
import { ask } from "../../shell/rest.ts";
import { href } from "../../shell/router.ts";
import { SearchField } from "../../shell/search.tsx";
import { idWords, personName } from "../../shell/words.ts";
import { Heard, useLive } from "../heard.tsx";
import { say as customers } from "./texts.ts";
import { say } from "./register_texts.ts";

interface Page {
  readonly items: readonly Customer[];
  readonly after: string | null;
  readonly customers: readonly { readonly id: string; readonly standing: Standing | null }[];
}

async function found(words: string, most: number): Promise<Page> {
  const path = `/v1/desk/customers?search=${encodeURIComponent(words)}`;
  let page = await ask<Page>(path);
  while (page.after !== null && page.items.length < most) {
    const next = await ask<Page>(`${path}&after=${page.after}`);
    page = { items: [...page.items, ...next.items], after: next.after, customers: [...page.customers, ...next.customers] };
  }
  return page;
}

/** Whose a customer is, in words. */
export function holderWords(standing: Standing | null): string {
  if (standing?.owner_id) return customers("server_owned", { name: personName(standing.owner_id) });
  return standing?.pool_id ? customers("of_pool", { name: idWords("pool_id", standing.pool_id) }) : customers("unowned");
}

export function Register(): JSX.Element {
  const [words, setWords] = useState("");
  const [most, setMost] = useState(1);
  const heard = useLive(() => found(words.trim(), most), [words, most]);
  const seek = (text: string): void => {
    setWords(text);
    setMost(1);
  };
  return (
    <>
      <div class="tabletools">
        <SearchField word={say("seek")} value={words} onWords={seek} />
      </div>
      <Heard of={heard}>
        {({ items, after, customers: named }) => (
          <>
            <small class="tablecount" role="status" aria-live="polite">
              {say(after === null ? "count" : "count_more", { n: count(items.length) })}
            </small>
            {items.length === 0 && <Empty icon="customers">{say("none")}</Empty>}
            {items.length > 0 && (
              <div class="card list">
                {items.map(({ id, name, city, phone }) => (
                  <a class="row" key={id} href={href(`customers/${id}`)}>
                    <Avatar name={name} city={city} />
                    <span class="grow">
                      <b>{name}</b>
                      <small>
                        {[city, phone, holderWords(named.find((one) => one.id === id)?.standing ?? null)].filter(Boolean).join(" · ")}
                      </small>
                    </span>
                  </a>
                ))}
              </div>
            )}
            {after !== null && (
              <button class="wide" onClick={() => setMost(items.length + 1)}>
                {say("more")}
              </button>
            )}
          </>
        )}
      </Heard>
    </>
  );
}
