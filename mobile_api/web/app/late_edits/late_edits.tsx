/** Late edits: what a former holder entered, beside what stands now; taken over or declined. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ContributionState, Kind, type Contribution, type Member } from "../../client/src/index.ts";
import { ago } from "../../shell/format.ts";
import { Avatar, Empty, TopBar, Trouble } from "../../shell/parts.tsx";
import { one } from "../../shell/phone.ts";
import type { Told } from "../../shell/problems.ts";
import { href } from "../../shell/router.ts";
import { kindWord, personName, valueWords, type Anything } from "../../shell/words.ts";
import { differences, kindName } from "../../shell/cards/look.ts";
import { open, settle, settled, settling } from "./look.ts";
import { say, type LateText } from "./texts.ts";

const STATES: Readonly<Record<number, LateText>> = {
  [ContributionState.taken]: "taken",
  [ContributionState.declined]: "declined",
  [ContributionState.returned]: "returned",
};

const worded = (value: string | null): string => (value === null || value === "–" ? say("nothing") : value);

function Values({ member }: { readonly member: Member }): JSX.Element {
  const name = kindName(member.entity);
  const record = name === undefined ? null : (one(name, member.id) as Anything | null);
  const now = (slot: string): string =>
    record === null || !(slot in record) ? "" : worded(valueWords(member.entity, slot, record[slot], record));
  return (
    <>
      {name !== "customer" && <p class="told">{kindWord(member.entity)}</p>}
      {member.kind === Kind.delete && <p class="told">{say("deleted")}</p>}
      {differences({ ...member, theirs: {}, before: {} }).map(({ slot, label, mine }) => (
        <div class="versus" key={slot}>
          <h3>{label}</h3>
          <p class="mine">
            <b>{worded(mine)}</b>
            {now(slot) !== "" && <small>{say("now", { value: now(slot) })}</small>}
          </p>
        </div>
      ))}
    </>
  );
}

function Card({ late }: { readonly late: Contribution }): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const customer = one("customer", late.customer_id);
  const waits = settling(late);
  const state = STATES[late.state];
  return (
    <article class="card decision">
      <header>
        <Avatar name={customer?.name ?? ""} city={customer?.city ?? ""} />
        <span class="grow">
          <b>{customer !== null && <a href={href(`customers/${customer.id}`)}>{customer.name}</a>}</b>
          <small>{[personName(late.author_id), ago(late.created_ms)].join(" · ")}</small>
        </span>
        {waits && <span class="chip wait">{say("waits")}</span>}
        {!waits && state !== undefined && <span class="chip">{say(state)}</span>}
      </header>
      {late.members.map((member, at) => (
        <Values key={at} member={member} />
      ))}
      {wrong !== null && <Trouble told={wrong} />}
      {late.state === ContributionState.open && !waits && (
        <div class="buttons">
          <button class="primary" onClick={() => void settle(late, true).then(setWrong)}>
            {say("take")}
          </button>
          <button onClick={() => void settle(late, false).then(setWrong)}>{say("decline")}</button>
        </div>
      )}
    </article>
  );
}

export function LateEdits(): JSX.Element {
  const [now, before] = [open(), settled()];
  return (
    <>
      <TopBar title={say("late")} before="me" />
      <main>
        {now.length === 0 ? <Empty icon="late">{say("empty")}</Empty> : <p class="lead">{say("lead")}</p>}
        <div class="decisions">
          {now.map((late) => (
            <Card key={late.id} late={late} />
          ))}
        </div>
        {before.length > 0 && (
          <section>
            <h2>{say("over")}</h2>
            <div class="decisions">
              {before.map((late) => (
                <Card key={late.id} late={late} />
              ))}
            </div>
          </section>
        )}
      </main>
    </>
  );
}
