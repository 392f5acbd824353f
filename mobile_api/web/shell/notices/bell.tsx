/** The bell at the top of every screen: how many notices are unread, and the way to them. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { count } from "../format.ts";
import { Icon } from "../icons.tsx";
import { all } from "../phone.ts";
import { href, path } from "../router.ts";
import { unreadCount } from "./look.ts";
import { usefulMoment } from "./push.ts";
import { say } from "./texts.ts";

export function Bell(): JSX.Element | null {
  const unread = unreadCount();
  const readsInstruction = path.value === "instructions" && all("instruction").length > 0;
  useEffect(() => void (readsInstruction && usefulMoment()), [readsInstruction]);
  if (path.value === "notices") return null;
  return (
    <a class="bell" href={href("notices")} aria-label={unread > 0 ? say("bell_unread", { n: count(unread) }) : say("bell")}>
      <Icon name="bell" />
      {unread > 0 && (
        <i class="badge" aria-hidden="true">
          {unread > 99 ? "99+" : unread}
        </i>
      )}
    </a>
  );
}
