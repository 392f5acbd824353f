/** Contested reclaims: what the former owner has, beside how the customer stands, and the manager's decision (D-172). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ContestState, type Contest } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { Form, TextField, type Written } from "../../shell/form.tsx";
import { moment } from "../../shell/format.ts";
import { Avatar, Sheet } from "../../shell/parts.tsx";
import { all, one, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { isAdmin, meId, reports } from "../../shell/team.ts";
import { entityNumber, personName, valueWords } from "../../shell/words.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { FactList } from "../fact_list.tsx";
import { named } from "../named.ts";
import { say } from "./texts.ts";

const DAY_MS = 86_400_000;
type Verdict = "restored" | "kept";

interface Deciding {
  readonly contest: Contest;
  readonly verdict: Verdict;
}

/** Whether this manager may decide: the decider, or a manager above that one (D-172). Others may decide the contest of a report. */
const isMine = ({ decider_id: decider }: Contest): boolean => decider === meId() || reports().some(({ id }) => id === decider);

/** The contests that wait for this manager, the oldest first. */
export const waitingContests = (): readonly Contest[] =>
  all("contest")
    .filter((contest) => contest.state === ContestState.undecided && isMine(contest))
    .sort((left, right) => left.made_ms - right.made_ms);

function happened({ occurred_ms, reclaimed_ms }: Contest): string {
  const days = Math.floor((reclaimed_ms - occurred_ms) / DAY_MS);
  return say(days === 0 ? "same_day" : "before_fall", { when: moment(occurred_ms), days });
}

/** What the time of the late contact is worth (D-175). */
function timeProof({ proven_ms: at, silent_from_ms: silent }: Contest): string {
  return at === null || silent === null ? say("proof_unknown") : say("proven", { when: moment(at), silent: moment(silent) });
}

function standsNow(contest: Contest): string {
  const standing = named(contest.customer_id)?.standing ?? null;
  if (standing === null)
    return one("pool_card", contest.customer_id)?.pooled ? say("pooled") : say(isAdmin() ? "not_held" : "owned_elsewhere");
  if (standing.owner_id === null) return say("pooled");
  return say("owned", { name: personName(standing.owner_id), when: moment(standing.owned_since_ms) });
}

function DecideSheet({ contest, verdict, onClose }: Deciding & { readonly onClose: () => void }): JSX.Element {
  const words = { customer: contest.customer_name, name: personName(contest.claimant_id) };
  const isBack = verdict === "restored";
  const save = async (written: Written): Promise<Told | null> => {
    const reason = written.text("reason");
    if (reason === "") return { happened: "", means: "", next: say("needs_reason") };
    try {
      await give(`/v1/desk/contests/${contest.id}/decision`, { customer_id: contest.customer_id, verdict, reason });
      await sync();
    } catch (error) {
      return told(error);
    }
    tell({ text: say(isBack ? "given" : "kept", words) });
    return null;
  };
  return (
    <Sheet title={say(isBack ? "give_title" : "keep_title", words)} onClose={onClose}>
      <p class="lead">{say(isBack ? "give_lead" : "keep_lead", words)}</p>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose} saveWord={say(isBack ? "give_back" : "keep", words)}>
        <TextField label={say("reason")} name="reason" lines={2} needed />
      </Form>
    </Sheet>
  );
}

function Side({ title, facts }: { readonly title: string; readonly facts: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <div>
      <h3>{title}</h3>
      <FactList facts={facts} />
    </div>
  );
}

function Waiting({ contest, onDecide }: { readonly contest: Contest; readonly onDecide: (verdict: Verdict) => void }): JSX.Element {
  const [name, isVisit] = [personName(contest.claimant_id), contest.fact_entity === entityNumber("visit")];
  const last = named(contest.customer_id)?.standing?.last_contact_ms;
  const place: readonly [string, string] = [say("place"), isVisit ? valueWords(contest.fact_entity, "verdict", contest.verdict) : ""];
  return (
    <article class="card decide-card" aria-label={contest.customer_name}>
      <header class="quote-head">
        <Avatar name={contest.customer_name} city="" />
        <span class="grow">
          <b>{contest.customer_name}</b>
          <small>{say("lost_by", { name, day: moment(contest.reclaimed_ms) })}</small>
        </span>
      </header>
      <div class="two-sides">
        <Side
          title={say("claim", { name })}
          facts={[
            [say("happened"), happened(contest)],
            [say("kind"), say(isVisit ? "visit" : "contact_log")],
            [say("note"), contest.note || say("no_note")],
            ...(place[1] === "" ? [] : [place]),
            [say("time"), timeProof(contest)],
          ]}
        />
        <Side
          title={say("today")}
          facts={[
            [say("owner"), standsNow(contest)],
            [say("last_contact"), last ? moment(last) : say("never")],
          ]}
        />
      </div>
      <div class="buttons">
        <button aria-haspopup="dialog" class="primary" {...needsServer()} onClick={() => onDecide("restored")}>
          {say("give_back", { name })}
        </button>
        <button aria-haspopup="dialog" class="refuse" {...needsServer()} onClick={() => onDecide("kept")}>
          {say("keep")}
        </button>
      </div>
    </article>
  );
}

interface ListGiven {
  readonly contests: readonly Contest[];
  readonly onDecided?: () => void;
}

export function ContestList({ contests, onDecided }: ListGiven): JSX.Element {
  const [deciding, setDeciding] = useState<Deciding | null>(null);
  const close = (): void => {
    setDeciding(null);
    onDecided?.();
  };
  return (
    <>
      {contests.map((contest) => (
        <Waiting key={contest.id} contest={contest} onDecide={(verdict) => setDeciding({ contest, verdict })} />
      ))}
      {deciding !== null && <DecideSheet {...deciding} onClose={close} />}
    </>
  );
}

/** The contests that wait for a manager; nothing where there is none. */
export function Contests(): JSX.Element | null {
  const waiting = waitingContests();
  if (waiting.length === 0) return null;
  return (
    <section>
      <h2>{say("contests")}</h2>
      <p class="lead">{say("lead")}</p>
      <ContestList contests={waiting} />
    </section>
  );
}
