/** The next version of the tier policy: written, previewed, and put into force when the preview is of exactly what stands in the form. */

import type { JSX, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { TierPolicy } from "../../client/src/index.ts";
import { useDraft } from "../../shell/draft.ts";
import { tell } from "../../shell/entering.ts";
import { count, dayWord } from "../../shell/format.ts";
import { DayField, Written } from "../../shell/form.tsx";
import { Empty } from "../../shell/parts.tsx";
import { sync } from "../../shell/phone.ts";
import { give } from "../../shell/rest.ts";
import { go } from "../../shell/router.ts";
import { say as shared } from "../../shell/texts.ts";
import { needsServer } from "../away.tsx";
import { inForce, organisationToday } from "../reclaim/look.ts";
import {
  isWrong,
  previewOf,
  termsFrom,
  termsIn,
  typable,
  versions,
  wrongOf,
  type Benefit,
  type Preview,
  type Terms,
  type Wrong,
} from "./look.ts";
import { Outcome } from "./outcome.tsx";
import { say } from "./texts.ts";
import { BenefitGrid } from "./tiers.tsx";

const HINTS: Partial<Record<Benefit, Parameters<typeof say>[0]>> = {
  credit_limits_minor: "hint_credit_limits_minor",
  delivery_priorities: "hint_delivery_priorities",
  held_days: "hint_held_days",
  call_priorities: "hint_call_priorities",
};
const WRONG_ID = "tiers-wrong";

/** The screen went away, or another preview began. */
class OverError extends Error {}

/** Previews one draft at a time: `seen` while it asks; the answer is why the draft is refused, null: it is not. */
function usePreview(): {
  readonly shown: Preview | null;
  readonly seen: number | null;
  readonly ask: (terms: Terms) => Promise<Wrong | null>;
} {
  const [shown, setShown] = useState<Preview | null>(null);
  const [seen, setSeen] = useState<number | null>(null);
  const turn = useRef(0);
  useEffect(() => () => void (turn.current += 1), []);
  const ask = async (terms: Terms): Promise<Wrong | null> => {
    const mine = ++turn.current;
    setSeen(0);
    try {
      const found = await previewOf(terms, (now) => {
        if (mine !== turn.current) throw new OverError();
        setSeen(now);
      });
      setShown(found);
      return null;
    } catch (error) {
      if (error instanceof OverError) return null;
      setShown(null);
      return wrongOf(error);
    } finally {
      if (mine === turn.current) setSeen(null);
    }
  };
  return { shown, seen, ask };
}

interface FieldsGiven {
  readonly begun: Terms;
  readonly wrong: Wrong | null;
}

function Refusal({ field, wrong }: { readonly field: string | null; readonly wrong: Wrong | null }): JSX.Element | null {
  if (wrong === null || wrong.field !== field) return null;
  return (
    <p class="refusal" id={WRONG_ID} role="alert">
      {wrong.words}
    </p>
  );
}

function Fields({ begun, wrong }: FieldsGiven): JSX.Element {
  return (
    <>
      <BenefitGrid
        cell={(benefit, tier, label) => (
          <input
            name={`${benefit}.${tier}`}
            inputMode="decimal"
            aria-label={label}
            aria-invalid={wrong?.field === benefit}
            aria-describedby={wrong?.field === benefit ? WRONG_ID : undefined}
            maxLength={16}
            defaultValue={typable(benefit, begun[benefit][tier] ?? 0)}
          />
        )}
        below={(benefit) => (
          <>
            {HINTS[benefit] !== undefined && <small>{say(HINTS[benefit])}</small>}
            <Refusal field={benefit} wrong={wrong} />
          </>
        )}
      />
      <div data-field="effective_from_day">
        <DayField label={say("from")} name="effective_from_day" day={begun.effective_from_day} />
        <Refusal field="effective_from_day" wrong={wrong} />
      </div>
      <Refusal field={null} wrong={wrong} />
    </>
  );
}

/** The version with which a draft begins: that in force, else the newest one. */
const source = (): TierPolicy | null => inForce(versions(), organisationToday()) ?? versions()[0] ?? null;

export function Editor(): JSX.Element {
  const [begun] = useState(() => termsFrom(source(), organisationToday() + 1));
  const form = useRef<HTMLFormElement>(null);
  const draft = useDraft(form);
  const { shown, seen, ask } = usePreview();
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [written, setWritten] = useState("");
  const look = (): void => {
    draft.keepNow();
    setWritten(JSON.stringify(termsIn(new Written(form.current!))));
  };
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const terms = termsIn(new Written(event.currentTarget));
    look();
    setWrong(isWrong(terms) ? terms : await ask(terms));
  };
  const activate = async ({ id, terms }: Preview): Promise<void> => {
    try {
      const made = await give<TierPolicy>("/v1/desk/tier-policies", { id, ...terms });
      draft.drop();
      tell({ text: say("activated", { n: count(made.version), day: dayWord(made.effective_from_day) }) });
      await sync();
      go("pools/tiers");
    } catch (error) {
      setWrong(wrongOf(error));
    }
  };
  const isOf = seen === null && shown !== null && JSON.stringify(shown.terms) === written;
  return (
    <div class="reclaim">
      <form class="card reclaim-form" ref={form} noValidate onSubmit={(event) => void submit(event)} onInput={look}>
        <h2>{say("next", { n: count((versions()[0]?.version ?? 0) + 1) })}</h2>
        {draft.isBack && (
          <p class="notice" role="status">
            <span class="grow">{shared("draft_back")}</span>
            <button type="button" class="small" onClick={draft.afresh}>
              {shared("draft_afresh")}
            </button>
          </p>
        )}
        <Fields begun={begun} wrong={wrong} />
        <div class="buttons">
          <button class={isOf ? "" : "primary"} {...needsServer(seen !== null)}>
            {say("preview")}
          </button>
        </div>
      </form>
      {seen !== null && (
        <p class="notice" role="status" aria-busy="true">
          {say("previewing", { seen: count(seen) })}
        </p>
      )}
      {shown === null && seen === null && <Empty icon="clock">{say("first_preview")}</Empty>}
      {shown !== null && <Outcome shown={shown} isOf={isOf} onActivate={activate} />}
    </div>
  );
}
