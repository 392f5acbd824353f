/** The reclaim rule: what is in force, and all its versions; an admin goes on to the next one. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ReclaimRule } from "../../client/src/index.ts";
import type { Shown } from "../../shell/feature.ts";
import { count, dayWord, moment } from "../../shell/format.ts";
import { Empty, Sheet } from "../../shell/parts.tsx";
import { records } from "../../shell/phone.ts";
import { href } from "../../shell/router.ts";
import { isAdmin } from "../../shell/team.ts";
import { personName } from "../../shell/words.ts";
import { FactList } from "../fact_list.tsx";
import { Table, type Column } from "../table.tsx";
import { Editor } from "./editor.tsx";
import { basisWord, daysWords, exemptWord, goalWords, inForce, organisationToday, stateOf, versions } from "./look.ts";
import { say } from "./texts.ts";

export function Reclaim({ rest: [part] }: Shown): JSX.Element {
  return part === "new" && isAdmin() ? <Editor /> : <Versions />;
}

function Versions(): JSX.Element {
  void records.value;
  const [open, setOpen] = useState<ReclaimRule | null>(null);
  const [rules, today] = [versions(), organisationToday()];
  const now = inForce(rules, today);
  const action = isAdmin() && (
    <a class="button primary" href={href("pools/reclaim/new")}>
      {say("new_version")}
    </a>
  );
  return (
    <div class="reclaim">
      <p class="lead">{say(isAdmin() ? "lead" : "only_admin")}</p>
      {rules.length === 0 && <Empty icon="pool">{say(isAdmin() ? "no_rule_admin" : "no_rule")}</Empty>}
      {now !== null && (
        <section>
          <h2>{say("now", { n: count(now.version), day: dayWord(now.effective_from_day) })}</h2>
          <Terms rule={now} card />
        </section>
      )}
      {now === null && rules.length > 0 && <p class="notice">{say("nobody_now")}</p>}
      {rules.length === 0 && <div class="buttons reclaim-begin">{action}</div>}
      {rules.length > 0 && (
        <section>
          <h2>{say("versions")}</h2>
          <Table
            name="reclaim"
            title={say("rule")}
            columns={columns(rules, today)}
            rows={rules}
            keyed={({ id }) => id}
            order={{ name: "version", down: true }}
            onOpen={setOpen}
            empty={say("no_rule")}
            tools={action}
          />
        </section>
      )}
      {open !== null && (
        <Sheet title={say("nth", { n: count(open.version) })} onClose={() => setOpen(null)}>
          <Terms rule={open} />
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

function Terms({ rule, card = false }: { readonly rule: ReclaimRule; readonly card?: boolean }): JSX.Element {
  return (
    <FactList
      card={card}
      facts={[
        [say("who"), goalWords(rule)],
        [say("when"), basisWord(rule.basis)],
        [say("days"), daysWords(rule)],
        [say("grace"), count(rule.grace_days)],
        [say("warn"), rule.warn_days.join(", ")],
        [say("hours"), count(rule.min_warning_hours)],
        [say("keeps"), rule.exempt.map(exemptWord).join(" · ") || "–"],
        [say("contest"), count(rule.contest_days)],
        [say("contests"), count(rule.contests_monthly)],
        [say("from"), dayWord(rule.effective_from_day)],
      ]}
    />
  );
}

const CHIPS = { in_force: "chip good", to_come: "chip wait", past: "chip", replaced: "chip" } as const;

function columns(rules: readonly ReclaimRule[], today: number): Column<ReclaimRule>[] {
  const stateIn = (rule: ReclaimRule): ReturnType<typeof stateOf> => stateOf(rule, rules, today);
  return [
    {
      name: "version",
      word: say("version"),
      value: ({ version }) => version,
      text: ({ version }) => say("nth", { n: count(version) }),
      kind: "number",
      width: 110,
    },
    {
      name: "from",
      word: say("from"),
      value: ({ effective_from_day }) => effective_from_day,
      text: ({ effective_from_day }) => dayWord(effective_from_day),
      kind: "day",
      width: 130,
    },
    {
      name: "state",
      word: say("state"),
      value: (rule) => say(stateIn(rule)),
      show: (rule) => <span class={CHIPS[stateIn(rule)]}>{say(stateIn(rule))}</span>,
      width: 130,
    },
    { name: "pool", word: say("who"), value: goalWords, width: 170, wide: true },
    { name: "days", word: say("days"), value: daysWords, width: 190, wide: true },
    { name: "made_by", word: say("made_by"), value: ({ made_by_id }) => personName(made_by_id), width: 130, wide: true },
    {
      name: "made",
      word: say("made"),
      value: ({ made_ms }) => made_ms,
      text: ({ made_ms }) => moment(made_ms),
      kind: "moment",
      width: 150,
      wide: true,
    },
  ];
}
