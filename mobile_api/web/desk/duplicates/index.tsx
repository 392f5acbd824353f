/** Possible duplicates: pairs of customers that bear one number, filtered by state and author, decided side by side. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { DuplicateState, type Id } from "../../client/src/index.ts";
import type { Feature, Shown } from "../../shell/feature.ts";
import { count } from "../../shell/format.ts";
import { Empty, TopBar } from "../../shell/parts.tsx";
import { reports } from "../../shell/team.ts";
import { kindTitle, entityNumber } from "../../shell/words.ts";
import { Heard, useLive } from "../heard.tsx";
import { askPair, askPairs, lookAgain, STATES, waitingPairs, type Filters } from "./look.ts";
import { Pair, stateWord } from "./pair.tsx";
import { may } from "../may.ts";
import { say } from "./texts.ts";

const PAGE_PAIRS = 20;
const AT_FIRST: Filters = { state: String(DuplicateState.undecided), author: "" };

function Duplicates({ rest: [id] }: Shown): JSX.Element {
  return id === undefined ? <Pairs /> : <OnePair key={id} id={id} />;
}

function OnePair({ id }: { readonly id: Id }): JSX.Element {
  const heard = useLive(() => askPair(id), [id]);
  const pair = heard.value?.pair ?? null;
  return (
    <>
      <TopBar title={kindTitle(entityNumber("duplicate"))} before="duplicates" />
      <main class="alikes">
        <Heard of={heard} />
        {heard.value !== null && pair === null && <Empty icon="search">{say("gone")}</Empty>}
        {pair !== null && <Pair pair={pair} again={heard.again} />}
      </main>
    </>
  );
}

function Pairs(): JSX.Element {
  const [filters, setFilters] = useState(AT_FIRST);
  const [most, setMost] = useState(PAGE_PAIRS);
  const heard = useLive(() => askPairs(filters), [filters]);
  const again = (): void => {
    heard.again();
    lookAgain();
  };
  const choose = (more: Partial<Filters>): void => {
    setFilters({ ...filters, ...more });
    setMost(PAGE_PAIRS);
  };
  const usual = filters.state === AT_FIRST.state && filters.author === "";
  return (
    <>
      <TopBar title={say("duplicates")} />
      <main class="alikes">
        <p class="lead">{say("lead")}</p>
        <Choosers filters={filters} onChoose={choose} />
        <Heard of={heard}>
          {(pairs) => (
            <>
              <small class="tablecount" role="status" aria-live="polite">
                {say("shown", { n: count(pairs.length) })}
              </small>
              {pairs.slice(0, most).map((pair) => (
                <Pair key={pair.id} pair={pair} again={again} />
              ))}
              {pairs.length === 0 && <Empty icon="check">{say(usual ? "none" : "none_fit")}</Empty>}
              {pairs.length > most && (
                <button type="button" onClick={() => setMost(most + PAGE_PAIRS)}>
                  {say("more")}
                </button>
              )}
            </>
          )}
        </Heard>
      </main>
    </>
  );
}

interface ChoosersGiven {
  readonly filters: Filters;
  readonly onChoose: (more: Partial<Filters>) => void;
}

function Choosers({ filters, onChoose }: ChoosersGiven): JSX.Element {
  return (
    <div class="selects filters" role="group">
      <select
        aria-label={say("state")}
        class={filters.state === "" ? "" : "used"}
        value={filters.state}
        onChange={(event) => onChoose({ state: event.currentTarget.value })}
      >
        <option value="">
          {say("state")}: {say("all")}
        </option>
        {STATES.map((state) => (
          <option key={state} value={state}>
            {stateWord(state)}
          </option>
        ))}
      </select>
      <select
        aria-label={say("author")}
        class={filters.author === "" ? "" : "used"}
        value={filters.author}
        onChange={(event) => onChoose({ author: event.currentTarget.value })}
      >
        <option value="">
          {say("author")}: {say("everybody")}
        </option>
        {reports().map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

export const DUPLICATES: Feature = {
  screens: { duplicates: Duplicates },
  places: [
    {
      order: 22,
      to: "duplicates",
      icon: "search",
      word: () => say("duplicates"),
      badge: waitingPairs,
      when: () => may("GET /v1/desk/duplicates"),
    },
  ],
  kinds: { duplicate: { icon: "search", to: ({ id }) => `duplicates/${id}`, asked: (id) => `duplicates/${id}` } },
};
