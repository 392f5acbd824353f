/** Checking in: the position gets better while the rep types, and no position is no reason not to save. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { reasons } from "../../client/src/geo/verify.ts";
import { ConsentAnswer, create, Verdict, type Id, type Visit } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { Form, TextField, type Written } from "../../shell/form.tsx";
import { distance } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { fix, searching, watchPosition } from "../../shell/position.ts";
import { isTold, type Told } from "../../shell/problems.ts";
import { word } from "../../shell/words.ts";
import { correction, type Fact } from "../facts/amend.ts";
import { CustomInputs, extraChanges } from "../../shell/fields/form.tsx";
import { noDay, planEdit, planned, PlanFields } from "../follow_ups/plan.tsx";
import { current, evidence, isThere, leaving, likely } from "./guess.ts";
import { openVisit } from "./look.ts";
import { answer } from "../whereabouts/answer.ts";
import { Ask } from "../whereabouts/ask.tsx";
import { say as ofConsent } from "../whereabouts/texts.ts";
import { accuracyWords, say } from "./texts.ts";

const NOTE_LETTERS_MAX = 4000;
const TICK_MS = 10_000;
const GUESSES = {
  [Verdict.unknown]: "guess_unverified",
  [Verdict.verified]: "guess_verified",
  [Verdict.probable]: "guess_probable",
  [Verdict.out_of_range]: "guess_out_of_range",
  [Verdict.unverified]: "guess_unverified",
} as const;

interface WhereaboutsGiven extends OfCustomer {
  readonly leaving?: boolean;
}

/** Where the phone is by now; before the person agreed, whether it may be told (D-471). */
function Whereabouts(given: WhereaboutsGiven): JSX.Element {
  const said = answer();
  if (said === ConsentAnswer.yes) return <Position {...given} />;
  return said === ConsentAnswer.no ? <Nowhere why={ofConsent("declined")} lead={ofConsent("declined_lead")} of="declined" /> : <Ask />;
}

function Nowhere({ why, lead, of }: { readonly why: string; readonly lead: string | null; readonly of: string }): JSX.Element {
  return (
    <div class="fix" role="status" data-fix={of}>
      <Icon name="pin" />
      <span class="grow">
        <b>{why}</b>
        {lead !== null && <small>{lead}</small>}
      </span>
    </div>
  );
}

/** Where the phone is by now, said calmly. `leaving`: nothing is judged by it any more. */
function Position({ customer, leaving: isLeaving = false }: WhereaboutsGiven): JSX.Element {
  const [now, setNow] = useState(Date.now());
  useEffect(() => watchPosition(), []);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const moment = Math.max(now, fix.value?.fix_ms ?? 0);
  const here = current(fix.value, moment);
  if (here !== null) return <Found visit={likely(customer, here, moment)} isJudged={!isLeaving} />;
  const why = searching.value === "refused" || searching.value === "failed" ? searching.value : "searching";
  return <Nowhere why={say(why)} lead={isLeaving ? null : say(`${why}_lead`)} of={why} />;
}

/** Distance, what the server will probably say and why, and how near is near enough. */
function Found({ visit, isJudged }: { readonly visit: Visit; readonly isJudged: boolean }): JSX.Element {
  const { verdict, distance_mm, accuracy_mm, fence_m } = visit;
  const tone = !isJudged ? "" : isThere(visit) ? "good" : verdict === Verdict.out_of_range ? "warm" : "";
  const why = reasons(visit)
    .filter((one) => one !== "unplaced")
    .map(word);
  const within = say("fence", { distance: distance((fence_m ?? 0) * 1000) });
  return (
    <div class={`fix ${tone}`} role="status" data-fix="found">
      <Icon name="pin" />
      <span class="grow">
        <b>{distance_mm === null ? say("no_place") : say("away", { distance: distance(distance_mm) })}</b>
        {isJudged && distance_mm !== null && <small>{[say(GUESSES[verdict]), ...why].join(" · ")}</small>}
        <small>{[accuracyWords(accuracy_mm), ...(isJudged && distance_mm !== null ? [within] : [])].join(" · ")}</small>
      </span>
    </div>
  );
}

interface SheetGiven extends OfCustomer {
  readonly onClose: () => void;
  /** Hears which visit it was. */
  readonly onSaved?: (id: Id) => void;
}

export function CheckInSheet({ customer, onClose, onSaved }: SheetGiven): JSX.Element {
  const save = async (written: Written): Promise<Told | null> => {
    const plan = planned(written);
    if (plan === "dayless") return noDay();
    const texts = { purpose: written.text("purpose"), note: written.text("note") };
    const own = extraChanges("visit", written);
    if (isTold(own)) return own;
    const visit = create("visit", {
      customer_id: customer.id,
      device_ms: Date.now(),
      ...texts,
      ...own,
      ...evidence(fix.value, Date.now()),
    });
    const edits = plan === null ? [visit] : [visit, planEdit(customer.id, plan)];
    const wrong = await enter(edits, { text: say(plan === null ? "saved" : "saved_planned") });
    if (wrong === null) onSaved?.(visit.id);
    return wrong;
  };
  return (
    <Sheet title={customer.name} onClose={onClose}>
      <Whereabouts customer={customer} />
      <Form onSave={save} onDone={onClose} onCancel={onClose} saveWord={say("save")}>
        <TextField label={say("note")} name="note" most={NOTE_LETTERS_MAX} lines={3} first />
        <TextField label={say("purpose")} name="purpose" />
        <CustomInputs name="visit" />
        <PlanFields after={customer.id} />
      </Form>
    </Sheet>
  );
}

/** Where the rep leaves from: a correction of the visit that says so, with the position if there is one by then (D-213). */
function CheckOutSheet({
  customer,
  fact,
  onClose,
}: OfCustomer & { readonly fact: Fact<"visit">; readonly onClose: () => void }): JSX.Element {
  const save = (): Promise<Told | null> =>
    enter([correction("visit", fact, leaving(fix.value, Date.now()))], { text: say("is_checked_out") });
  return (
    <Sheet title={say("check_out")} onClose={onClose}>
      <Whereabouts customer={customer} leaving />
      <Form onSave={save} onDone={onClose} onCancel={onClose} saveWord={say("check_out")}>
        {null}
      </Form>
    </Sheet>
  );
}

/** The button that ends a visit of today; none where there is no visit to end. */
export function CheckOut({ customer }: OfCustomer): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const fact = openVisit(customer.id);
  if (fact === null) return null;
  return (
    <>
      <button aria-haspopup="dialog" class="action main" onClick={() => setOpen(true)}>
        <Icon name="check" />
        {say("check_out")}
      </button>
      {open && <CheckOutSheet customer={customer} fact={fact} onClose={() => setOpen(false)} />}
    </>
  );
}

/** The button on a customer's screen; where a visit is to be ended, that comes first. */
export function CheckIn({ customer }: OfCustomer): JSX.Element {
  const [open, setOpen] = useState(false);
  const first = openVisit(customer.id) === null;
  return (
    <>
      <button aria-haspopup="dialog" class={first ? "action main" : "action"} onClick={() => setOpen(true)}>
        <Icon name="pin" />
        {say("check_in")}
      </button>
      {open && <CheckInSheet customer={customer} onClose={() => setOpen(false)} />}
    </>
  );
}
