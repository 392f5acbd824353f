/** Transfer, release, archive and return of many customers: one request each, so that each has a result of its own. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Problem, type Customer, type Standing } from "../../client/src/index.ts";
import { count } from "../../shell/format.ts";
import { SelectField, TextField, type Written } from "../../shell/form.tsx";
import { Form } from "../../shell/form.tsx";
import { Icon } from "../../shell/icons.tsx";
import { Empty, Sheet } from "../../shell/parts.tsx";
import { all, one, sync } from "../../shell/phone.ts";
import { told } from "../../shell/problems.ts";
import { give } from "../../shell/rest.ts";
import { personName } from "../../shell/words.ts";
import { receivers } from "../../shell/team.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { poolAsked, poolChoices, suggested } from "../pools/fit.ts";
import { colon } from "../words_of.ts";
import { say, type DeskText } from "./texts.ts";

type Kind = "transfer" | "release" | "archive" | "unarchive";

/** A customer and its standing, as far as they are known here. */
export interface Movable {
  readonly customer: Pick<Customer, "id" | "name">;
  readonly standing: Pick<Standing, "epoch" | "owner_id"> | null;
}

export interface Moving {
  readonly kind: Kind;
  readonly lines: readonly Movable[];
}

const TITLES: Readonly<Record<Kind, DeskText>> = {
  transfer: "give_title",
  release: "release_title",
  archive: "archive_title",
  unarchive: "back_title",
};
const POOL = "pool:";

interface Asked {
  /** The user, the pool, or the word for the fitting one; of what is archived none. */
  readonly to: string;
  readonly reason: string;
}

interface Result {
  readonly line: Movable;
  /** Why not; null when it is done. */
  readonly wrong: string | null;
}

interface Given {
  readonly moving: Moving;
  readonly onClose: () => void;
  /** At least one is done. */
  readonly onDone: () => void;
}

/** One customer; the epoch that was on the screen goes with it, so that nothing is moved that somebody moved meanwhile (D-107). */
async function moveOne(kind: Kind, line: Movable, { to, reason }: Asked): Promise<Result> {
  const target = to === "" ? {} : to.startsWith(POOL) ? poolAsked(to.slice(POOL.length)) : { to_user_id: to };
  try {
    await give(`/v1/desk/customers/${line.customer.id}/${kind}`, { ...target, reason, epoch: line.standing?.epoch ?? null });
    return { line, wrong: null };
  } catch (error) {
    if (error instanceof Problem && error.code === "stale_epoch") return { line, wrong: say("stale") };
    const { happened, next } = told(error);
    return { line, wrong: error instanceof Problem && error.remedy === "drop" ? happened : `${happened} ${next}` };
  }
}

export function Move({ moving, onClose, onDone }: Given): JSX.Element {
  const [results, setResults] = useState<readonly Result[] | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [working, setWorking] = useState(0);
  const work = async (lines: readonly Movable[], by: Asked, before: readonly Result[]): Promise<void> => {
    const found = [...before];
    setAsked(by);
    setWorking(lines.length);
    setResults(found.slice());
    for (const line of lines) {
      found.push(await moveOne(moving.kind, line, by));
      setResults(found.slice());
    }
    setWorking(0);
    if (found.some(({ wrong }) => wrong === null)) onDone();
    void sync();
  };
  const again = (): void => {
    const failed = results!
      .filter(({ wrong }) => wrong !== null)
      .map(({ line }) => ({ ...line, standing: one("standing", line.customer.id) }));
    void work(
      failed,
      asked!,
      results!.filter(({ wrong }) => wrong === null),
    );
  };
  return (
    <Sheet title={say(TITLES[moving.kind])} onClose={onClose}>
      {results === null ? (
        <Ask moving={moving} onClose={onClose} onAsked={(by) => void work(moving.lines, by, [])} />
      ) : (
        <Results results={results} of={moving.lines.length} busy={working > 0} onAgain={again} onClose={onClose} />
      )}
    </Sheet>
  );
}

type Choice = readonly [value: string, word: string];
const DO: Readonly<Record<Kind, DeskText>> = { transfer: "give_title", release: "release_do", archive: "archive_do", unarchive: "back_do" };

interface AskGiven {
  readonly moving: Moving;
  readonly onClose: () => void;
  readonly onAsked: (asked: Asked) => void;
}

function Ask({ moving: { kind, lines }, onClose, onAsked }: AskGiven): JSX.Element {
  const [to, setTo] = useState("");
  const owners = new Set(lines.map(({ standing }) => standing?.owner_id));
  const people: readonly Choice[] = receivers()
    .filter(({ id }) => !(owners.size === 1 && owners.has(id))) // whoever owns them all has them already
    .map(({ id, name }) => [id, name] as const);
  const pools: readonly Choice[] = poolChoices(all("pool")).map(
    ([id, name]) => [`${POOL}${id}`, kind === "release" ? name : `${say("pool")}: ${name}`] as const,
  );
  const likely = kind === "release" ? suggested(all("pool")) : "";
  const choices = { transfer: people, release: pools, archive: [], unarchive: [...people, ...pools] }[kind];
  const hint = say(kind === "archive" ? "archive_hint" : kind === "unarchive" ? "back_hint" : "reason_hint");
  const names = lines.slice(0, 5).map(({ customer }) => customer.name);
  if (choices.length === 0 && kind !== "archive") return <Empty icon="move">{say(kind === "release" ? "no_pool" : "nobody_else")}</Empty>;
  const save = (written: Written): null => {
    onAsked({ to: kind === "archive" ? "" : written.text("to"), reason: written.text("reason") });
    return null;
  };
  return (
    <Form
      {...lockedAway()}
      onSave={save}
      onDone={() => undefined}
      onCancel={onClose}
      saveWord={kind === "transfer" && to !== "" ? say("give_do", { name: personName(to) }) : say(DO[kind])}
    >
      <p class="lead">
        <b>{say("n_customers", { n: count(lines.length) })}</b>
        {colon() + names.join(", ")}
        {lines.length > names.length && " …"}
      </p>
      {kind === "archive" && <p>{say("archive_means")}</p>}
      {kind !== "archive" && (
        <SelectField
          label={say(kind === "release" ? "pool" : "to")}
          name="to"
          choices={choices}
          value={likely === "" ? "" : `${POOL}${likely}`}
          onChoose={setTo}
          needed
        />
      )}
      <TextField label={say("reason")} name="reason" most={200} hint={hint} needed={kind === "archive"} first />
    </Form>
  );
}

interface ResultsGiven {
  readonly results: readonly Result[];
  readonly of: number;
  readonly busy: boolean;
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

function Results({ results, of, busy, onAgain, onClose }: ResultsGiven): JSX.Element {
  const failed = results.filter(({ wrong }) => wrong !== null).length;
  const done = results.length - failed;
  const words = busy
    ? say("moving", { done: results.length, of })
    : failed === 0
      ? say("moved_all", { n: count(done) })
      : say("moved_some", { n: count(done), failed: count(failed) });
  return (
    <>
      <p class="lead" role="status" aria-live="polite">
        {words}
      </p>
      <ul class="results">
        {results.map(({ line: { customer, standing }, wrong }) => (
          <li key={customer.id} class={wrong === null ? "good" : "hot"}>
            <Icon name={wrong === null ? "check" : "close"} />
            <span class="grow">
              <b>{customer.name}</b>
              <small>{wrong ?? personName(one("standing", customer.id)?.owner_id ?? standing?.owner_id)}</small>
            </span>
          </li>
        ))}
      </ul>
      <div class="buttons">
        {failed > 0 && !busy && (
          <button {...needsServer()} onClick={onAgain}>
            {say("retry")}
          </button>
        )}
        <button class="primary" disabled={busy} onClick={onClose}>
          {say("close")}
        </button>
      </div>
    </>
  );
}
