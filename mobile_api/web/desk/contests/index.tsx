/** Contests that wait for an admin: of owners without a common manager. A manager's stand on the page of decisions. */

import type { JSX } from "preact";
import { ContestState, type Contest } from "../../client/src/index.ts";
import type { Feature } from "../../shell/feature.ts";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { isAdmin } from "../../shell/team.ts";
import { Heard, useLive } from "../heard.tsx";
import { askNamed } from "../named.ts";
import { ContestList } from "./contests.tsx";
import { say } from "./texts.ts";

function AdminContests(): JSX.Element {
  const heard = useLive(() => askNamed<Contest>(`/v1/desk/contests?state=${ContestState.undecided}`));
  return (
    <>
      <TopBar title={say("contests")} />
      <main>
        <p class="lead">{say("lead")}</p>
        <Heard of={heard}>
          {(contests) =>
            contests.length === 0 ? <Empty icon="check">{say("none")}</Empty> : <ContestList contests={contests} onDecided={heard.again} />
          }
        </Heard>
      </main>
    </>
  );
}

const screen = (): string => (isAdmin() ? "contests" : "decisions");

export const CONTESTS: Feature = {
  screens: { contests: AdminContests },
  places: [{ order: 23, to: "contests", icon: "decide", word: () => say("contests"), when: isAdmin }],
  kinds: { contest: { icon: "decide", line: ({ customer_name }) => customer_name, to: screen, asked: screen } },
};
