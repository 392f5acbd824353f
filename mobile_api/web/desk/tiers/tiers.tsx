/** The tier policy: what is in force, and all its versions; an admin goes on to the next one. */

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { TierPolicy } from "../../client/src/index.ts";
import type { Shown } from "../../shell/feature.ts";
import { count, dayWord, moment } from "../../shell/format.ts";
import { Empty, Sheet } from "../../shell/parts.tsx";
import { records } from "../../shell/phone.ts";
import { href } from "../../shell/router.ts";
import { isAdmin } from "../../shell/team.ts";
import { personName } from "../../shell/words.ts";
import { inForce, organisationToday, stateOf } from "../reclaim/look.ts";
import { Table, type Column } from "../table.tsx";
import { Editor } from "./editor.tsx";
import { BENEFITS, currencyNow, TIERS, typable, versions, type Benefit } from "./look.ts";
import { say } from "./texts.ts";

export function Tiers({ rest: [part] }: Shown): JSX.Element {
  return part === "new" && isAdmin() ? <Editor /> : <Versions />;
}

interface GridGiven {
  readonly cell: (benefit: Benefit, tier: number, label: string) => ComponentChildren;
  /** Below the name of a benefit. */
  readonly below?: (benefit: Benefit) => ComponentChildren;
}

/** A line for each benefit, a column for each tier. */
export function BenefitGrid({ cell, below }: GridGiven): JSX.Element {
  return (
    <div class="scrolls" tabIndex={0} role="group" aria-label={say("policy")}>
      <table class="tier-grid">
        <thead>
          <tr>
            <th scope="col">{say("benefit")}</th>
            {TIERS.map(([, word]) => (
              <th key={word} scope="col">
                {say(word)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {BENEFITS.map((benefit) => {
            const name = say(benefit, { currency: currencyNow() });
            return (
              <tr key={benefit} data-field={benefit}>
                <th scope="row">
                  {name}
                  {below?.(benefit)}
                </th>
                {TIERS.map(([tier, word]) => (
                  <td key={word}>{cell(benefit, tier, `${name}, ${say(word)}`)}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const Terms = ({ policy }: { readonly policy: TierPolicy }): JSX.Element => (
  <BenefitGrid cell={(benefit, tier) => typable(benefit, policy[benefit][tier] ?? 0)} />
);

function Versions(): JSX.Element {
  void records.value;
  const [open, setOpen] = useState<TierPolicy | null>(null);
  const [policies, today] = [versions(), organisationToday()];
  const now = inForce(policies, today);
  const action = isAdmin() && (
    <a class="button primary" href={href("pools/tiers/new")}>
      {say("new_version")}
    </a>
  );
  return (
    <div class="reclaim">
      <p class="lead">{say(isAdmin() ? "lead" : "only_admin")}</p>
      {policies.length === 0 && <Empty icon="pool">{say("no_policy")}</Empty>}
      {policies.length === 0 && <div class="buttons reclaim-begin">{action}</div>}
      {now !== null && (
        <section>
          <h2>{say("now", { n: count(now.version), day: dayWord(now.effective_from_day) })}</h2>
          <div class="card tier-card">
            <Terms policy={now} />
          </div>
        </section>
      )}
      {policies.length > 0 && (
        <section>
          <h2>{say("versions")}</h2>
          <Table
            name="tiers"
            title={say("policy")}
            columns={columns(policies, today)}
            rows={policies}
            keyed={({ id }) => id}
            order={{ name: "version", down: true }}
            onOpen={setOpen}
            empty={say("no_policy")}
            tools={action}
          />
        </section>
      )}
      {open !== null && (
        <Sheet title={say("nth", { n: count(open.version) })} onClose={() => setOpen(null)}>
          <Terms policy={open} />
          <p class="lead">
            {personName(open.made_by_id)} · {moment(open.made_ms)}
          </p>
          <div class="buttons">
            <button type="button" onClick={() => setOpen(null)}>
              {say("close")}
            </button>
          </div>
        </Sheet>
      )}
    </div>
  );
}

const CHIPS = { in_force: "chip good", to_come: "chip wait", past: "chip", replaced: "chip" } as const;

function columns(policies: readonly TierPolicy[], today: number): Column<TierPolicy>[] {
  const stateIn = (one: TierPolicy): ReturnType<typeof stateOf> => stateOf(one, policies, today);
  return [
    {
      ...{ name: "version", word: say("version"), kind: "number", width: 120 },
      value: ({ version }) => version,
      text: ({ version }) => say("nth", { n: count(version) }),
    },
    {
      ...{ name: "from", word: say("from"), kind: "day", width: 140 },
      value: ({ effective_from_day }) => effective_from_day,
      text: ({ effective_from_day }) => dayWord(effective_from_day),
    },
    {
      ...{ name: "state", word: say("state"), width: 150 },
      value: (one) => say(stateIn(one)),
      show: (one) => <span class={CHIPS[stateIn(one)]}>{say(stateIn(one))}</span>,
    },
    { name: "made_by", word: say("made_by"), value: ({ made_by_id }) => personName(made_by_id), width: 150, wide: true },
    {
      ...{ name: "made", word: say("made"), kind: "moment", width: 160, wide: true },
      value: ({ made_ms }) => made_ms,
      text: ({ made_ms }) => moment(made_ms),
    },
  ];
}
