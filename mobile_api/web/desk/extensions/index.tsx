/** Requests for more time: an admin's screen. A manager's stand on the page of decisions. */

import type { JSX } from "preact";
import type { Feature } from "../../shell/feature.ts";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { isAdmin } from "../../shell/team.ts";
import { Heard, useLive } from "../heard.tsx";
import { askWaiting } from "./look.ts";
import { Requests } from "./more_time.tsx";
import { say } from "./texts.ts";

function AdminRequests(): JSX.Element {
  const heard = useLive(askWaiting);
  return (
    <>
      <TopBar title={say("more_time")} />
      <main>
        <p class="lead">{say("lead")}</p>
        <Heard of={heard}>
          {(requests) =>
            requests.length === 0 ? <Empty icon="check">{say("none")}</Empty> : <Requests requests={requests} onDecided={heard.again} />
          }
        </Heard>
      </main>
    </>
  );
}

const screen = (): string => (isAdmin() ? "extensions" : "decisions");

export const EXTENSIONS: Feature = {
  screens: { extensions: AdminRequests },
  places: [{ order: 24, to: "extensions", icon: "clock", word: () => say("more_time"), when: isAdmin }],
  kinds: { extension: { icon: "clock", line: ({ reason }) => reason, to: screen, asked: screen } },
};
