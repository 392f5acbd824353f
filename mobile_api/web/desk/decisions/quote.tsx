/** One submitted quote and the manager's decision about exactly what is on the screen. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, QuoteStatus, type Id, type Quote } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { ago, money } from "../../shell/format.ts";
import { Avatar, Empty, TopBar, Trouble } from "../../shell/parts.tsx";
import { one, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";

import { href } from "../../shell/router.ts";
import { entityNumber, idWords, personName, valueWords } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { History } from "../history.tsx";
import { Heard, useLive } from "../heard.tsx";
import { Lines } from "./lines.tsx";
import { askQuote, decide, lookAgain, type Decided, type QuoteShown } from "./look.ts";
import { say } from "./texts.ts";

const DONE: Readonly<Record<Decided, "approved" | "returned" | "rejected">> = {
  approve: "approved",
  return_quote: "returned",
  reject: "rejected",
};

const nameOf = (quote: Quote): string => quote.number || quote.local_number || quote.title;

export function QuoteHead({ quote }: { readonly quote: Quote }): JSX.Element {
  const customer = idWords("customer_id", quote.customer_id);
  const city = one("customer", quote.customer_id)?.city ?? "";
  const facts = {
    number: nameOf(quote),
    name: personName(quote.author_id),
    when: quote.submitted_ms === null ? "" : ago(quote.submitted_ms),
  };
  return (
    <header class="quote-head">
      <Avatar name={customer} city={city} />
      <span class="grow">
        <a href={href(`customers/${quote.customer_id}`)}>
          <b>{customer}</b>
        </a>
        <small>{say("by", facts)}</small>
      </span>
      <b class="amount">{money(quote.gross_minor, quote.currency)}</b>
    </header>
  );
}

/** `again` shows the newest content after a refusal. */
function Decision({ shown, again }: { readonly shown: QuoteShown; readonly again: () => void }): JSX.Element {
  const note = useRef<HTMLTextAreaElement>(null);
  const [wrong, setWrong] = useState<Told | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async (decision: Decided): Promise<void> => {
    const words = note.current?.value.normalize("NFC").trim() ?? "";
    if (decision !== "approve" && words === "") {
      setWrong({ happened: "", means: "", next: say("needs_word") });
      note.current?.focus();
      return;
    }
    setBusy(true);
    try {
      await decide(shown, decision, words);
      tell({ text: say(DONE[decision], { number: nameOf(shown.quote) }) });
      void sync();
    } catch (error) {
      const stale = error instanceof Problem && (error.code === "content_changed" || error.code === "state_wrong");
      setWrong(stale ? { happened: say("stale_happened"), means: say("stale"), next: "" } : told(error));
      again();
    }
    setBusy(false);
    lookAgain();
  };
  return (
    <form class="decide" onSubmit={(event) => event.preventDefault()}>
      <label>
        {say("word")}
        <textarea ref={note} name="note" rows={2} maxLength={2000} />
      </label>
      {wrong !== null && <Trouble told={wrong} calm={wrong.happened === ""} />}
      <div class="buttons">
        <button type="button" class="primary" {...needsServer(busy)} onClick={() => void act("approve")}>
          {say("approve")}
        </button>
        <button type="button" {...needsServer(busy)} onClick={() => void act("return_quote")}>
          {say("return_quote")}
        </button>
        <button type="button" class="refuse" {...needsServer(busy)} onClick={() => void act("reject")}>
          {say("reject")}
        </button>
      </div>
    </form>
  );
}

/** Content, decision and history of one quote; says when its content changes under the manager's eyes. */
export function QuoteBody({ id }: { readonly id: Id }): JSX.Element {
  const heard = useLive(() => askQuote(id), [id]);
  const first = useRef<string | null>(null);
  const [open, setOpen] = useState(false);
  const shown = heard.value;
  useEffect(() => {
    if (first.current === null && shown !== null) first.current = shown.content_hash;
  }, [shown]);
  if (shown === null) return <Heard of={heard} />;
  const { quote } = shown;
  const changed = first.current !== null && first.current !== shown.content_hash;
  return (
    <>
      {heard.trouble !== null && !heard.away && <Trouble told={heard.trouble} />}
      {changed && (
        <p class="notice" role="status">
          {say("changed")}
        </p>
      )}
      {quote.title !== "" && <p class="quote-title">{quote.title}</p>}
      {quote.note !== "" && <p class="lead">{quote.note}</p>}
      <Lines shown={shown} />
      {quote.status === QuoteStatus.submitted ? (
        <Decision shown={shown} again={heard.again} />
      ) : (
        <p class="lead">
          {valueWords(entityNumber("quote"), "status", quote.status)}
          {quote.decided_ms !== null && ` · ${say("decided", { name: personName(quote.decided_by_id), when: ago(quote.decided_ms) })}`}
          {quote.decision_note !== "" && ` · ${quote.decision_note}`}
        </p>
      )}
      <button class="bare" aria-expanded={open} onClick={() => setOpen(!open)}>
        {say(open ? "hide" : "history")}
      </button>
      {open && <History name="quote" id={id} />}
    </>
  );
}

/** A quote on a screen of its own. */
export function QuoteScreen({ id }: { readonly id: Id }): JSX.Element {
  const heard = useLive(() => askQuote(id), [id]);
  return (
    <>
      <TopBar title={heard.value === null ? say("quote") : nameOf(heard.value.quote)} before="decisions" />
      <main>
        {heard.value === null ? (
          heard.trouble !== null && !heard.away ? (
            <Empty icon="quote">{say("gone")}</Empty>
          ) : (
            <Heard of={heard} />
          )
        ) : (
          <article class="card decide-card">
            <QuoteHead quote={heard.value.quote} />
            <QuoteBody id={id} />
          </article>
        )}
      </main>
    </>
  );
}
