/** The point model: the version in force, a draft of the next one, and who would move under it (D-651, D-660). */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { tell } from "../../shell/entering.ts";
import { count, dayWord } from "../../shell/format.ts";
import { DayField, TextField, Written } from "../../shell/form.tsx";
import { phone } from "../../shell/phone.ts";
import { TopBar } from "../../shell/parts.tsx";
import { told } from "../../shell/problems.ts";
import { ask, give } from "../../shell/rest.ts";
import { href } from "../../shell/router.ts";
import { personName } from "../../shell/words.ts";
import { needsServer } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import { organisationToday } from "../reclaim/look.ts";
import { bandsText, cell, previewOf, termsIn, type Preview } from "./draft.ts";
import { factorWord, INDUSTRY, tierWord, type Factor, type Model, type Terms } from "./look.ts";
import { say } from "./texts.ts";

const PATH = "/v1/desk/evaluation-models";
const TIERS = [1, 2, 3, 0] as const;
const SHOWN_MAX = 100;

interface Models {
  readonly items: readonly Model[];
  readonly standard: readonly Factor[];
}

export function ModelScreen(): JSX.Element {
  const heard = useLive(() => ask<Models>(PATH));
  return (
    <>
      <TopBar title={say("model")} />
      <main>
        <p class="lead">{say("lead")}</p>
        <Heard of={heard}>{(models) => <Versions key={models.items[0]?.id ?? ""} models={models} onMade={heard.again} />}</Heard>
      </main>
    </>
  );
}

function Versions({ models, onMade }: { readonly models: Models; readonly onMade: () => void }): JSX.Element {
  const now = models.items.find(({ terms }) => terms.effective_from_day <= organisationToday());
  const usual: Terms = { effective_from_day: 0, a_from: 70, b_from: 40, factors: models.standard };
  const day = now === undefined ? say("none") : say("now", { n: count(now.version), day: dayWord(now.terms.effective_from_day) });
  return (
    <>
      <p class="notice">{day}</p>
      <Draft begun={{ ...(models.items[0]?.terms ?? usual), effective_from_day: organisationToday() }} onMade={onMade} />
    </>
  );
}

function Draft({ begun, onMade }: { readonly begun: Terms; readonly onMade: () => void }): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const [shown, setShown] = useState<Preview | null>(null);
  const [wrong, setWrong] = useState("");
  const [id] = useState(() => phone.newId()); // the same request again makes no second version
  const tried = async (work: (terms: Terms) => Promise<void>): Promise<void> => {
    const terms = termsIn(new Written(form.current!), begun);
    if (terms === null) return setWrong(say("bad_bands"));
    try {
      await work(terms);
      setWrong("");
    } catch (error) {
      const { happened, means, next } = told(error);
      setWrong([happened, means, next].filter(Boolean).join(" "));
    }
  };
  const preview = (): Promise<void> => tried(async (terms) => setShown(await previewOf(terms)));
  const activate = (): Promise<void> =>
    tried(async (terms) => {
      await give(PATH, { id, ...terms });
      tell({ text: say("activated") });
      onMade();
    });
  return (
    <section>
      <h2>{say("draft")}</h2>
      <form
        class="card evaluation-form"
        ref={form}
        noValidate
        onSubmit={(event) => (event.preventDefault(), void preview())}
        onInput={() => setShown(null)}
      >
        <div class="evaluation-row">
          <DayField label={say("from")} name="from" day={begun.effective_from_day} />
          <TextField label={say("a_from")} name="a_from" value={String(begun.a_from)} most={3} mode="numeric" />
          <TextField label={say("b_from")} name="b_from" value={String(begun.b_from)} most={3} mode="numeric" />
        </div>
        {begun.factors.map((one) => (
          <FactorRow key={one.factor} of={one} />
        ))}
        {wrong !== "" && (
          <p class="trouble" role="alert">
            {wrong}
          </p>
        )}
        <div class="buttons">
          <button class={shown === null ? "primary" : ""} {...needsServer()}>
            {say("preview")}
          </button>
          {shown !== null && (
            <button type="button" class="primary" {...needsServer()} onClick={() => void activate()}>
              {say("activate")}
            </button>
          )}
        </div>
      </form>
      {shown !== null && <Outcome of={shown} />}
    </section>
  );
}

function FactorRow({ of }: { readonly of: Factor }): JSX.Element {
  const hint = of.factor === 1 ? { hint: say("bands_hint") } : of.factor === INDUSTRY ? { hint: say("industries_hint") } : {};
  return (
    <fieldset class="field">
      <legend>{factorWord(of.factor)}</legend>
      <TextField label={say("weight")} name={`weight_${of.factor}`} value={String(of.weight)} most={3} mode="numeric" />
      <TextField label={say("bands")} name={`bands_${of.factor}`} value={bandsText(of)} most={2000} {...hint} />
    </fieldset>
  );
}

function Outcome({ of: { matrix, movers } }: { readonly of: Preview }): JSX.Element {
  return (
    <>
      <h2>{say("matrix")}</h2>
      <table class="card evaluation">
        <thead>
          <tr>
            <th scope="col">{say("was")}</th>
            {TIERS.map((after) => (
              <th key={after} scope="col">
                {tierWord(after)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {TIERS.map((before) => (
            <tr key={before}>
              <th scope="row">{tierWord(before)}</th>
              {TIERS.map((after) => (
                <td key={after}>{count(matrix.get(cell(before, after)) ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <h2>{say("movers")}</h2>
      {movers.length === 0 && <p class="lead">{say("no_movers")}</p>}
      <div class="card list">
        {movers.slice(0, SHOWN_MAX).map((one) => (
          <a class="row" key={one.customer_id} href={href(`customers/${one.customer_id}`)}>
            <span class="grow">
              <b>{one.name}</b>
              <small>{personName(one.owner_id)}</small>
            </span>
            <span>
              {[`${tierWord(one.before)} → ${tierWord(one.after)}`, one.points === null ? "" : say("points", { n: one.points })]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </a>
        ))}
      </div>
    </>
  );
}
