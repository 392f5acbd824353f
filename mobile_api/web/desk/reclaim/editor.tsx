/** The next version: written, previewed, and put into force when the preview is of exactly what stands in the form. */

import type { ComponentChildren, JSX, TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReclaimRule } from "../../client/src/index.ts";
import { useDraft } from "../../shell/draft.ts";
import { tell } from "../../shell/entering.ts";
import { count, dayWord } from "../../shell/format.ts";
import { ChoiceField, DayField, SelectField, TextField, TicksField, Written } from "../../shell/form.tsx";
import { all, sync } from "../../shell/phone.ts";
import { give } from "../../shell/rest.ts";
import { go } from "../../shell/router.ts";
import { say as shared } from "../../shell/texts.ts";
import { needsServer } from "../away.tsx";
import { choicesOf } from "../words_of.ts";
import { BASES, basisWord, EXEMPT, exemptWord, inForce, isWrong, organisationToday, stateOf, termsFrom } from "./look.ts";
import { termsIn, TIERS, versions, wrongOf, type Terms, type Wrong } from "./look.ts";
import { Outcome } from "./outcome.tsx";
import { previewOf, type Preview, type Progress } from "./preview.ts";
import { say } from "./texts.ts";

/** The screen went away, or another preview began. */
class OverError extends Error {}

/** Previews one draft at a time: `progress` while it asks. */
function usePreview(): {
  readonly shown: Preview | null;
  readonly progress: Progress | null;
  readonly ask: (terms: Terms) => Promise<Wrong | null>;
} {
  const [shown, setShown] = useState<Preview | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const turn = useRef(0);
  useEffect(() => () => void (turn.current += 1), []);
  const ask = async (terms: Terms): Promise<Wrong | null> => {
    const mine = ++turn.current;
    const onPage = (now: Progress): void => {
      if (mine !== turn.current) throw new OverError();
      setProgress(now);
    };
    setProgress({ seen: 0, falls: 0 });
    try {
      setShown(await previewOf(terms, onPage));
      return null;
    } catch (error) {
      if (error instanceof OverError) return null;
      setShown(null);
      return wrongOf(error, terms);
    } finally {
      if (mine === turn.current) setProgress(null);
    }
  };
  return { shown, progress, ask };
}

/** The version with which a draft begins: that in force, else the newest one. */
const source = (): ReclaimRule | null => inForce(versions(), organisationToday()) ?? versions()[0] ?? null;

export function Editor(): JSX.Element {
  const [begun] = useState(() => termsFrom(source(), organisationToday() + 1));
  const form = useRef<HTMLFormElement>(null);
  const draft = useDraft(form);
  const preview = usePreview();
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [written, setWritten] = useState("");
  useWrong(form, wrong);
  const look = (): void => {
    draft.keepNow();
    setWritten(JSON.stringify(termsIn(new Written(form.current!), begun)));
  };
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const terms = termsIn(new Written(event.currentTarget), begun);
    look();
    setWrong(isWrong(terms) ? terms : await preview.ask(terms));
  };
  const activate = async ({ id, terms }: Preview): Promise<void> => {
    try {
      const made = await give<ReclaimRule>("/v1/desk/reclaim-rules", { id, ...terms });
      draft.drop();
      tell({ text: say("activated", { n: count(made.version), day: dayWord(made.effective_from_day) }) });
      await sync();
      go("pools/reclaim");
    } catch (error) {
      setWrong(wrongOf(error, terms));
    }
  };
  const isOf = preview.shown !== null && JSON.stringify(preview.shown.terms) === written;
  return (
    <div class="reclaim reclaim-next">
      <form class="card reclaim-form" ref={form} noValidate onSubmit={(event) => void submit(event)} onInput={look}>
        <Heading />
        {draft.isBack && (
          <p class="notice" role="status">
            <span class="grow">{shared("draft_back")}</span>
            <button type="button" class="small" onClick={draft.afresh}>
              {shared("draft_afresh")}
            </button>
          </p>
        )}
        <Fields terms={begun} wrong={wrong} />
        {wrong !== null && wrong.field === null && (
          <p class="trouble" role="alert">
            {wrong.words}
          </p>
        )}
        <div class="buttons">
          <button class={isOf ? "" : "primary"} {...needsServer(preview.progress !== null)}>
            {say("preview")}
          </button>
        </div>
      </form>
      <Outcome shown={preview.shown} progress={preview.progress} isOf={isOf} onActivate={activate} />
    </div>
  );
}

/** Marks the field that is refused for those who hear it, and goes there. */
function useWrong(form: { readonly current: HTMLFormElement | null }, wrong: Wrong | null): void {
  useEffect(() => {
    const fields = form.current?.querySelectorAll<HTMLElement>(`[data-field="${wrong?.field ?? ""}"] :is(input, select)`) ?? [];
    for (const field of fields) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", WRONG_ID);
    }
    fields[0]?.focus();
    return () => {
      for (const field of fields) for (const name of ["aria-invalid", "aria-describedby"]) field.removeAttribute(name);
    };
  }, [wrong]);
}

const WRONG_ID = "reclaim-wrong";

function Heading(): JSX.Element {
  const [rules, today, from] = [versions(), organisationToday(), source()];
  const coming = rules.filter((rule) => stateOf(rule, rules, today) === "to_come").at(-1);
  return (
    <>
      <h2>{say("next", { n: count((rules[0]?.version ?? 0) + 1) })}</h2>
      <p class="lead">{from === null ? say("prefilled_usual") : say("prefilled", { n: count(from.version) })}</p>
      {coming !== undefined && (
        <p class="notice">{say("comes_first", { n: count(coming.version), day: dayWord(coming.effective_from_day) })}</p>
      )}
    </>
  );
}

interface AtGiven {
  readonly name: string;
  readonly wrong: Wrong | null;
  readonly children: ComponentChildren;
}

/** A field, and below it why the server refuses what stands in it. */
function At({ name, wrong, children }: AtGiven): JSX.Element {
  const here = wrong?.field === name;
  return (
    <div data-field={name} class={here ? "refused" : ""}>
      {children}
      {here && (
        <p class="refusal" id={WRONG_ID} role="alert">
          {wrong.words}
        </p>
      )}
    </div>
  );
}

function Fields({ terms, wrong }: { readonly terms: Terms; readonly wrong: Wrong | null }): JSX.Element {
  const pools = choicesOf(
    all("pool").filter(({ active }) => active),
    say("nobody_falls"),
  );
  const number = (
    name: "grace_days" | "min_warning_hours" | "contest_days" | "contests_monthly",
    label: string,
    hint: string,
  ): JSX.Element => (
    <At name={name} wrong={wrong}>
      <TextField label={label} name={name} value={String(terms[name])} mode="numeric" most={5} hint={hint} />
    </At>
  );
  return (
    <>
      <At name="pool_id" wrong={wrong}>
        <SelectField label={say("who")} name="pool_id" choices={pools} value={terms.pool_id ?? ""} />
      </At>
      <At name="pool_by_fit" wrong={wrong}>
        <ChoiceField
          label={say("goal")}
          name="pool_by_fit"
          choices={([0, 1] as const).map((one) => [one, say(one === 1 ? "goal_fit" : "goal_named")] as const)}
          value={terms.pool_by_fit ? 1 : 0}
        />
        <small>{say("goal_hint")}</small>
      </At>
      <At name="basis" wrong={wrong}>
        <ChoiceField label={say("when")} name="basis" choices={BASES.map((one) => [one, basisWord(one)])} value={terms.basis} />
      </At>
      <div class="reclaim-tiers">
        {TIERS.map((tier) => (
          <At key={tier} name={`${tier}_days`} wrong={wrong}>
            <TextField
              label={say("in_days", { tier: say(tier) })}
              name={`${tier}_days`}
              value={String(terms[`${tier}_days`])}
              mode="numeric"
              most={5}
            />
          </At>
        ))}
      </div>
      <small>{say("by_policy")}</small>
      {number("grace_days", say("grace"), say("grace_hint"))}
      <At name="warn_days" wrong={wrong}>
        <TextField label={say("warn")} name="warn_days" value={terms.warn_days.join(", ")} most={40} hint={say("warn_hint")} />
      </At>
      {number("min_warning_hours", say("hours"), say("hours_hint"))}
      <At name="exempt" wrong={wrong}>
        <TicksField
          label={say("keeps")}
          name="exempt"
          choices={EXEMPT.map((one) => [one, exemptWord(one), terms.exempt.includes(one)])}
          hint={say("exempt_hint")}
        />
      </At>
      {number("contest_days", say("contest"), say("contest_hint"))}
      {number("contests_monthly", say("contests"), say("contests_hint"))}
      <At name="effective_from_day" wrong={wrong}>
        <DayField label={say("from_when")} name="effective_from_day" day={terms.effective_from_day} />
      </At>
    </>
  );
}
