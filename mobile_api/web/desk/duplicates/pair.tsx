/** One pair: both customers side by side, what becomes of them, and the decision. */

import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { AlikeBy, DuplicateState, Problem, type Duplicate, type Id } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { ago } from "../../shell/format.ts";
import { SelectField, TextField, Written } from "../../shell/form.tsx";
import { Avatar, Trouble } from "../../shell/parts.tsx";
import { all, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { href } from "../../shell/router.ts";
import { isAdmin } from "../../shell/team.ts";
import { idWords, personName } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { FactList } from "../fact_list.tsx";
import { choicesOf } from "../words_of.ts";
import { decide, lookAgain, sideOf, useEntered, type Side, type Verdict } from "./look.ts";
import { say } from "./texts.ts";

const CHIPS = { 1: "chip wait", 2: "chip good", 3: "chip" } as const;
export const stateWord = (state: number): string => say(state === 2 ? "same" : state === 3 ? "different" : "undecided");

interface Given {
  readonly pair: Duplicate;
  /** Once it is decided, or was decided by somebody else. */
  readonly again: () => void;
}

export function Pair({ pair, again }: Given): JSX.Element {
  const [first, second] = [sideOf(pair.first_id), sideOf(pair.second_id)];
  const found = say("found", { name: personName(pair.author_id), when: ago(pair.found_ms) });
  return (
    <article class="card alike" aria-label={[first, second].map(({ named }) => named?.name ?? "…").join(" – ")}>
      <header>
        <span class={CHIPS[pair.state as 1] ?? "chip"}>{stateWord(pair.state)}</span>
        <b>{say(pair.alike_by === AlikeBy.by_registration ? "by_registration" : "by_phone")}</b>
        <small>{found}</small>
      </header>
      <div class="alike-sides">
        <One pair={pair} id={pair.first_id} side={first} word={say("first")} />
        <One pair={pair} id={pair.second_id} side={second} word={say("second")} />
      </div>
      {pair.state === DuplicateState.undecided ? (
        <Decide pair={pair} first={first} second={second} again={again} />
      ) : (
        <p class="lead">
          {say("decided", { name: personName(pair.decided_by), when: ago(pair.decided_ms ?? 0) })}
          {pair.reason !== "" && ` · ${pair.reason}`}
        </p>
      )}
    </article>
  );
}

interface OneGiven {
  readonly pair: Duplicate;
  readonly id: Id;
  readonly side: Side;
  readonly word: string;
}

function One({ pair, id, side: { customer, named, standing }, word }: OneGiven): JSX.Element {
  const entered = useEntered(id, customer !== null);
  if (named === null)
    return (
      <section class="alike-side alike-away">
        <h3>{word}</h3>
        <p>
          <b>{say("unseen")}</b>
        </p>
        <small>{say("unseen_means")}</small>
      </section>
    );
  const number = pair.alike_by === AlikeBy.by_registration ? customer?.registration_number : customer?.phone;
  const holder: readonly [string, ComponentChildren] =
    standing?.owner_id != null
      ? [say("owner"), personName(standing.owner_id)]
      : standing?.pool_id != null
        ? [say("pool"), idWords("pool_id", standing.pool_id)]
        : [say("owner"), say("nobody")];
  const head = (
    <>
      <Avatar name={named.name} city={named.city} />
      <b>{named.name}</b>
    </>
  );
  const own: readonly (readonly [string, ComponentChildren])[] =
    customer === null
      ? []
      : [
          [say("number"), <mark key="number">{number}</mark>],
          [
            say("entered"),
            entered === null ? "–" : say("entered_by", { name: personName(entered.user_id) || "–", when: ago(entered.at_ms) }),
          ],
        ];
  return (
    <section class="alike-side">
      <h3>{word}</h3>
      {customer === null ? (
        <span class="named">{head}</span>
      ) : (
        <a class="named" href={href(`customers/${id}`)}>
          {head}
        </a>
      )}
      <FactList facts={[...own.slice(0, 1), [say("city"), named.city || "–"], holder, ...own.slice(1)]} />
      {customer === null && isAdmin() && <small>{say("unseen_admin")}</small>}
    </section>
  );
}

/** What becomes of the second customer if the two are the same (D-154). */
function thenWords({ standing: first }: Side, { named: other, standing: second }: Side): string {
  const name = { second: other?.name ?? say("this_one") };
  if (first === null) return say("then_unseen", name);
  if (first.owner_id === null) return second?.owner_id === null ? say("then_nothing") : say("then_pool", name);
  return first.owner_id === second?.owner_id ? say("then_nothing") : say("then_owner", { ...name, owner: personName(first.owner_id) });
}

interface DecideGiven extends Given {
  readonly first: Side;
  readonly second: Side;
}

function Decide({ pair, first, second, again }: DecideGiven): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const [wrong, setWrong] = useState<Told | null>(null);
  const [busy, setBusy] = useState(false);
  const asksPool = first.standing === null || (first.standing.owner_id === null && second.standing?.owner_id !== null);
  const act = async (verdict: Verdict): Promise<void> => {
    const written = new Written(form.current!);
    setBusy(true);
    try {
      await decide(pair, { verdict, pool_id: verdict === "same" ? written.text("pool_id") || null : null, reason: written.text("reason") });
      tell({ text: say(verdict === "same" ? "done_same" : "done_different") });
      void sync();
      lookAgain();
      again();
    } catch (error) {
      setWrong(wrongOf(error));
      if (error instanceof Problem && error.field === "pool_id") form.current?.querySelector("select")?.focus();
      if (error instanceof Problem && error.code === "state_wrong") again();
    }
    setBusy(false);
  };
  const pools = choicesOf(all("pool").filter(({ active }) => active), say("choose_pool")); // prettier-ignore
  return (
    <form class="decide" ref={form} onSubmit={(event) => event.preventDefault()}>
      <p>{thenWords(first, second)}</p>
      {asksPool && <SelectField label={say("into")} name="pool_id" choices={pools} value="" />}
      <TextField label={say("reason")} name="reason" most={200} hint={say("reason_hint")} />
      {wrong !== null && <Trouble told={wrong} />}
      <div class="buttons">
        <button type="button" class="primary" {...needsServer(busy)} onClick={() => void act("same")}>
          {say("decide_same")}
        </button>
        <button type="button" {...needsServer(busy)} onClick={() => void act("different")}>
          {say("decide_different")}
        </button>
      </div>
    </form>
  );
}

function wrongOf(error: unknown): Told {
  const only = (next: string): Told => ({ happened: "", means: "", next });
  if (!(error instanceof Problem)) return told(error);
  if (error.code === "state_wrong") return only(say("meanwhile"));
  if (error.code === "rule_broken") return only(say(error.field === "pool_id" ? "needs_pool" : "owner_left"));
  return told(error);
}
