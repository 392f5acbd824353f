/** Trying the assignment rules: where a customer of a city, an industry and a kind would go now (D-185). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Id } from "../../client/src/index.ts";
import { Form, SelectField, TextField, type Written } from "../../shell/form.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { one } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { idWords, personName } from "../../shell/words.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { fieldHead, valuesIn } from "../words_of.ts";
import { say } from "./texts.ts";

interface Tried {
  readonly rule_id: Id | null;
  readonly user_id: Id | null;
  readonly pool_id: Id | null;
}

function words({ rule_id, user_id, pool_id }: Tried): string {
  if (rule_id === null) return say("fits_none");
  const to = pool_id === null ? personName(user_id) : idWords("pool_id", pool_id);
  return say(pool_id === null ? "goes_to_user" : "goes_to_pool", { rule: one("assignment_rule", rule_id)?.name ?? "…", to });
}

function TrialSheet({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const [answer, setAnswer] = useState<Tried | null>(null);
  const ask = (written: Written): Promise<Told | null> =>
    give<Tried>("/v1/desk/assignment-rules/trial", {
      city: written.text("city"),
      industry: written.text("industry"),
      kind: written.number("kind"),
    }).then((tried) => (setAnswer(tried), null), told);
  const head = (slot: string): string => fieldHead("assignment_rule", slot);
  return (
    <Sheet title={say("try_rules")} onClose={onClose}>
      <Form {...lockedAway()} onSave={ask} onDone={() => undefined} onCancel={onClose} saveWord={say("try_now")}>
        <TextField label={head("city")} name="city" first />
        <TextField label={head("industry")} name="industry" />
        <SelectField label={head("kind")} name="kind" choices={[["0", say("any_kind")], ...valuesIn("assignment_rule.kind")]} value="0" />
        {answer !== null && (
          <p class="notice" role="status">
            {words(answer)}
          </p>
        )}
      </Form>
    </Sheet>
  );
}

/** Beside the filter of the table. */
export function Trial(): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button aria-haspopup="dialog" {...needsServer()} onClick={() => setOpen(true)}>
        {say("try_rules")}
      </button>
      {open && <TrialSheet onClose={() => setOpen(false)} />}
    </>
  );
}
