/** The screen of one fact: what it says, its earlier versions, and for its author the ways to correct and to withdraw it. */

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Id, Records } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { Form, type Written } from "../../shell/form.tsx";
import { moment } from "../../shell/format.ts";
import { Icon, type IconName } from "../../shell/icons.tsx";
import { customerName } from "../../shell/names.ts";
import { Empty, Sheet, TopBar } from "../../shell/parts.tsx";
import { phone, records } from "../../shell/phone.ts";
import { isTold, type Told } from "../../shell/problems.ts";
import { href } from "../../shell/router.ts";
import { personName } from "../../shell/words.ts";
import { correction, corrects, facts, happenedMs, isMine, type Fact, type FactName } from "./amend.ts";
import { say } from "./texts.ts";

/** How the screen of one kind of fact reads. */
export interface Look<N extends FactName> {
  readonly name: N;
  readonly title: () => string;
  readonly icon: IconName;
  /** Label and words of each thing that it says; empty ones are left out. */
  readonly facts: (fact: Records[N]) => readonly (readonly [label: string, words: string])[];
  /** What stands above the facts. */
  readonly above?: (fact: Records[N]) => ComponentChildren;
  /** What its author may do with it beside correcting it. */
  readonly actions?: (fact: Fact<N>) => ComponentChildren;
  /** The fields of a correction. */
  readonly fields: (shown: Records[N]) => ComponentChildren;
  /** What a correction says; the reason where it cannot be said. */
  readonly changed: (written: Written, shown: Records[N]) => Parameters<typeof correction<N>>[2] | Told;
}

interface Shown<N extends FactName> {
  readonly look: Look<N>;
  readonly fact: Fact<N>;
}

export function FactScreen<N extends FactName>({ look, id }: { readonly look: Look<N>; readonly id: Id }): JSX.Element {
  const fact = facts(look.name).get(id);
  if (fact === undefined) {
    return (
      <>
        <TopBar title={look.title()} before="customers" />
        <Empty icon={look.icon}>{say("gone")}</Empty>
      </>
    );
  }
  const { shown, first } = fact;
  return (
    <>
      <TopBar title={look.title()} before={`customers/${shown.customer_id}`} />
      <main>
        <Chips fact={fact} name={look.name} />
        {look.above?.(shown as Records[N])}
        <Facts look={look} fact={fact} />
        {isMine(first) && look.actions?.(fact)}
        {isMine(first) && <Amending look={look} fact={fact} />}
        <Earlier look={look} fact={fact} />
      </main>
    </>
  );
}

function Chips<N extends FactName>({
  fact: { first, shown, amendments },
  name,
}: {
  readonly fact: Fact<N>;
  readonly name: N;
}): JSX.Element {
  void records.value;
  const waits = [first, ...amendments].some(({ id }) => phone.waits(name, id));
  return (
    <p class="chips">
      {shown.withdrawn && <span class="chip hot">{say("withdrawn")}</span>}
      {!shown.withdrawn && amendments.some(corrects) && <span class="chip">{say("corrected")}</span>}
      {waits && (
        <span class="chip wait">
          <Icon name="up" />
          {say("waits")}
        </span>
      )}
    </p>
  );
}

function Facts<N extends FactName>({ look, fact: { first, shown } }: Shown<N>): JSX.Element {
  const told = look.facts(shown as Records[N]).filter(([, words]) => words !== "");
  const author = personName(first.author_id ?? phone.seat.user_id);
  return (
    <dl class="card facts">
      <div>
        <dt>{say("customer")}</dt>
        <dd>
          <a class="link" href={href(`customers/${shown.customer_id}`)}>
            {customerName(shown.customer_id) ?? "…"}
          </a>
        </dd>
      </div>
      <div>
        <dt>{say("when")}</dt>
        <dd>{moment(happenedMs(shown))}</dd>
      </div>
      {told.map(([label, words], at) => (
        <div key={at}>
          <dt>{label}</dt>
          <dd>{words}</dd>
        </div>
      ))}
      {author !== "" && (
        <div>
          <dt>{say("by")}</dt>
          <dd>{author}</dd>
        </div>
      )}
    </dl>
  );
}

function Amending<N extends FactName>({ look, fact }: Shown<N>): JSX.Element {
  const [open, setOpen] = useState<"correct" | "withdraw" | null>(null);
  const close = (): void => setOpen(null);
  const correct = (written: Written): Promise<Told | null> | Told => {
    const changed = look.changed(written, fact.shown as Records[N]);
    return isTold(changed) ? changed : enter([correction(look.name, fact, changed)], { text: say("is_corrected") });
  };
  return (
    <>
      <div class="buttons below">
        {!fact.shown.withdrawn && (
          <button aria-haspopup="dialog" onClick={() => setOpen("withdraw")}>
            {say("withdraw")}
          </button>
        )}
        <button aria-haspopup="dialog" onClick={() => setOpen("correct")}>
          {say("correct")}
        </button>
      </div>
      {open === "correct" && (
        <Sheet title={say("correct")} onClose={close}>
          <Form onSave={correct} onDone={close} onCancel={close}>
            {look.fields(fact.shown as Records[N])}
          </Form>
        </Sheet>
      )}
      {open === "withdraw" && (
        <Sheet title={say("withdraw_sure")} onClose={close}>
          <p class="lead">{say("withdraw_means")}</p>
          <Form
            onSave={() => enter([correction(look.name, fact, withdrawn<N>())], { text: say("is_withdrawn") })}
            onDone={close}
            onCancel={close}
            saveWord={say("withdraw")}
          >
            {null}
          </Form>
        </Sheet>
      )}
    </>
  );
}

const withdrawn = <N extends FactName>(): Parameters<typeof correction<N>>[2] =>
  ({ withdrawn: true }) as unknown as Parameters<typeof correction<N>>[2];

/** Every version but the one that shows, the newest first (D-210). */
function Earlier<N extends FactName>({ look, fact: { first, shown, amendments } }: Shown<N>): JSX.Element | null {
  if (amendments.length === 0) return null;
  const older = [...amendments, first].filter((one) => one.id !== shown.id) as Records[N][];
  const words = (one: Records[N]): string =>
    look
      .facts(one)
      .map(([, said]) => said)
      .filter(Boolean)
      .join(" · ");
  return (
    <section>
      <h2>{say("earlier")}</h2>
      <ul class="card list">
        {older.map((one) => (
          <li class="version" key={one.id}>
            <b>{one.withdrawn ? say("withdrawn") : words(one) || "–"}</b>
            <small>{one.id === first.id ? say("as_first") : say(corrects(one) ? "corrected" : "checked_out")}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}
