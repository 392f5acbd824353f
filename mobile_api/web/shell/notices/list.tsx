/** The list of notices: by day and group, what is unread first; what is done at its end. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { isUnread } from "../../client/src/index.ts";
import { tell } from "../entering.ts";
import { count, dayWord } from "../format.ts";
import { Icon } from "../icons.tsx";
import { Empty, TopBar } from "../parts.tsx";
import { href } from "../router.ts";
import { doneNotices, groupWord, notices, openSections, unreadCount, type Notice } from "./look.ts";
import { PushCard } from "./push_card.tsx";
import { give } from "./receipts.ts";
import { Row } from "./row.tsx";
import { say } from "./texts.ts";

const SHOWN = 100;

const unreadIds = (): string[] => [...notices().values()].filter(({ state }) => isUnread(state)).map(({ id }) => id);

function readAll(): void {
  give("see", unreadIds());
  tell({ text: say("read_all_done") });
}

interface Rows {
  readonly items: readonly Notice[];
  readonly label: string;
  readonly wasNew: ReadonlySet<string>;
}

function Card({ items, label, wasNew }: Rows): JSX.Element {
  return (
    <ul class="card list" aria-label={label}>
      {items.map((notice) => (
        <Row key={notice.id} notice={notice} wasNew={wasNew.has(notice.id)} />
      ))}
    </ul>
  );
}

/** As many of the sections as hold so many notices. */
function Open({ shown, wasNew }: { readonly shown: number; readonly wasNew: ReadonlySet<string> }): JSX.Element {
  let left = shown;
  let before: number | null = null;
  return (
    <>
      {openSections().map(({ day, group, ids }) => {
        const items = ids.slice(0, Math.max(0, left)).flatMap((id) => notices().get(id) ?? []);
        left -= items.length;
        if (items.length === 0) return null;
        const isFirst = before !== day;
        before = day;
        return (
          <section key={`${day} ${group}`} class="heard-part">
            {isFirst && <h2>{dayWord(day)}</h2>}
            <h3>{groupWord(group)}</h3>
            <Card items={items} label={groupWord(group)} wasNew={wasNew} />
          </section>
        );
      })}
    </>
  );
}

export function NoticeList(): JSX.Element {
  const [shown, setShown] = useState(SHOWN);
  // what was unread when the screen opened keeps its sign while the person reads
  const [wasNew] = useState<ReadonlySet<string>>(() => new Set(unreadIds()));
  const done = doneNotices();
  const open = notices().size - done.length;
  return (
    <>
      <TopBar title={say("notices")} before="me">
        <a class="bell" href={href("settings")} aria-label={say("settings")} title={say("settings")}>
          <Icon name="settings" />
        </a>
      </TopBar>
      <main>
        <PushCard />
        <div class="heard-tools">
          <p class="lead">{unreadCount() > 0 ? say("unread_count", { n: count(unreadCount()) }) : say("lead")}</p>
          {unreadCount() > 0 && (
            <button class="small" onClick={readAll}>
              {say("read_all")}
            </button>
          )}
        </div>
        {open === 0 && <Empty icon="bell">{say(done.length > 0 ? "all_done" : "empty")}</Empty>}
        <Open shown={shown} wasNew={wasNew} />
        {open > shown && (
          <button class="wide" onClick={() => setShown(shown + SHOWN)}>
            {say("more", { n: count(open - shown) })}
          </button>
        )}
        {done.length > 0 && (
          <details class="heard-done">
            <summary>{say("done_list", { n: count(done.length) })}</summary>
            <Card items={done.slice(0, SHOWN)} label={say("done")} wasNew={wasNew} />
          </details>
        )}
      </main>
    </>
  );
}
