/** Requests for more time with a customer, and the manager's decision (D-162). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Extension, Id } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { DayField, Form, TextField, type Written } from "../../shell/form.tsx";
import { ago, dateWord } from "../../shell/format.ts";
import { Avatar, Sheet } from "../../shell/parts.tsx";
import { one, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { spares } from "../../shell/reclaim.ts";
import { href } from "../../shell/router.ts";
import { isAdmin, managerAbove } from "../../shell/team.ts";
import { personName } from "../../shell/words.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { FactList } from "../fact_list.tsx";
import { named } from "../named.ts";
import { fallsOn, waitingExtensions } from "./look.ts";
import { say } from "./texts.ts";

const nameOf = (customer: Id): string => named(customer)?.name ?? "…";

type Verdict = "granted" | "refused";

interface Deciding {
  readonly request: Extension;
  readonly verdict: Verdict;
  readonly onClose: () => void;
}

function DecideSheet({ request, verdict, onClose }: Deciding): JSX.Element {
  const name = nameOf(request.customer_id);
  const isGrant = verdict === "granted";
  const save = async (written: Written): Promise<Told | null> => {
    const reply = written.text("reply");
    if (!isGrant && reply === "") return { happened: "", means: "", next: say("needs_word") };
    const until_day = isGrant ? written.day("until") : null;
    try {
      await give(`/v1/desk/extensions/${request.id}/decision`, { customer_id: request.customer_id, verdict, until_day, reply });
      await sync();
    } catch (error) {
      return told(error);
    }
    tell({ text: say(isGrant ? "time_granted" : "time_refused", { name }) });
    return null;
  };
  return (
    <Sheet title={say(isGrant ? "grant_title" : "refuse_title", { name })} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose} saveWord={say(isGrant ? "grant" : "refuse")}>
        {isGrant && !spares("extended") && <p class="lead">{say("in_vain")}</p>}
        {isGrant && <DayField label={say("grant_until")} name="until" day={request.until_day} />}
        <TextField label={say("word")} name="reply" lines={2} needed={!isGrant} />
      </Form>
    </Sheet>
  );
}

function Request({ request, onDecide }: { readonly request: Extension; readonly onDecide: (verdict: Verdict) => void }): JSX.Element {
  const { customer_id, author_id, asked_ms, until_day, reason } = request;
  const name = nameOf(customer_id);
  const leader = isAdmin() ? managerAbove(author_id ?? "") : null;
  const falls = fallsOn(customer_id);
  return (
    <article class="card decide-card" aria-label={name}>
      <header class="quote-head">
        <Avatar name={name} city={named(customer_id)?.city ?? ""} />
        <span class="grow">
          {one("customer", customer_id) === null ? (
            <b>{name}</b>
          ) : (
            <a href={href(`customers/${customer_id}`)}>
              <b>{name}</b>
            </a>
          )}
          <small>{say("asked_by", { name: personName(author_id), when: ago(asked_ms) })}</small>
          {leader !== null && <small>{say("led_by", { name: leader.name })}</small>}
        </span>
      </header>
      <FactList
        facts={[
          [say("time_until"), dateWord(until_day)],
          [say("time_reason"), reason],
          [say("falls_on"), falls === null ? say("falls_never") : dateWord(falls)],
        ]}
      />
      <div class="buttons">
        <button aria-haspopup="dialog" class="primary" {...needsServer()} onClick={() => onDecide("granted")}>
          {say("grant")}
        </button>
        <button aria-haspopup="dialog" class="refuse" {...needsServer()} onClick={() => onDecide("refused")}>
          {say("refuse")}
        </button>
      </div>
    </article>
  );
}

interface RequestsGiven {
  readonly requests: readonly Extension[];
  readonly onDecided?: () => void;
}

export function Requests({ requests, onDecided }: RequestsGiven): JSX.Element {
  const [deciding, setDeciding] = useState<Omit<Deciding, "onClose"> | null>(null);
  const close = (): void => {
    setDeciding(null);
    onDecided?.();
  };
  return (
    <>
      {requests.map((request) => (
        <Request key={request.id} request={request} onDecide={(verdict) => setDeciding({ request, verdict })} />
      ))}
      {deciding !== null && <DecideSheet {...deciding} onClose={close} />}
    </>
  );
}

/** The requests that wait for a manager; nothing where there is none. */
export function MoreTime(): JSX.Element | null {
  const requests = waitingExtensions();
  if (requests.length === 0) return null;
  return (
    <section>
      <h2>{say("more_time")}</h2>
      <Requests requests={requests} />
    </section>
  );
}
