/** The manager's first screen: figures, the reps and their week, where today's visits were, and what happens. */

import type { JSX } from "preact";
import { knownPosition, Verdict, type Person, type Visit } from "../../client/src/index.ts";
import { ago, clock, dayOf, dayWord, hue } from "../../shell/format.ts";
import { Avatar, Empty, TopBar } from "../../shell/parts.tsx";
import { openCards } from "../../shell/cards/look.ts";
import { all, records } from "../../shell/phone.ts";
import { go } from "../../shell/router.ts";
import { isAdmin, isManager } from "../../shell/team.ts";
import { entityNumber, idWords, personName, valueWords } from "../../shell/words.ts";
import { useQuotes } from "../decisions/look.ts";
import { Happening } from "../happenings.tsx";
import { Heard, soon, useLive } from "../heard.tsx";
import { Plane, type Spot } from "../plane.tsx";
import { Table, type Column } from "../table.tsx";
import { AdminBoard } from "./admin.tsx";
import { Figures, type Figure } from "./figures.tsx";
import { OfficeBoard } from "./office.tsx";
import { askFeed, askWeek, FEED_MAX, overdue, rows, WEEK_DAYS, type Row, type Week } from "./look.ts";
import { say } from "./texts.ts";

/** Stands for what only the server knows. */
const UNHEARD = "–";

export function Board(): JSX.Element {
  return (
    <>
      <TopBar title={say("board")} />
      {isAdmin() ? <AdminBoard /> : isManager() ? <TeamBoard /> : <OfficeBoard />}
    </>
  );
}

function TeamBoard(): JSX.Element {
  const week = useLive(askWeek);
  const feed = useLive(askFeed, [], soon);
  void records.value;
  return (
    <main class="board">
      <Heard of={week} />
      <TodayFigures week={week.value} />
      <div class="side-by-side">
        <div>
          <Team week={week.value} />
          <Places week={week.value} />
        </div>
        <section>
          <h2>
            {say("happens")} {feed.value !== null && !feed.away && <span class="chip good">{say("live")}</span>}
          </h2>
          {feed.value?.length === 0 && <p class="lead">{say("nothing")}</p>}
          {feed.value !== null && feed.value.length > 0 && (
            <ol class="card feed" aria-label={say("happens")}>
              {feed.value.slice(0, FEED_MAX).map((event) => (
                <Happening key={`${event.id} ${event.rev} ${event.what} ${event.group}`} event={event} />
              ))}
            </ol>
          )}
        </section>
      </div>
    </main>
  );
}

function TodayFigures({ week }: { readonly week: Week | null }): JSX.Element {
  const quotes = useQuotes();
  const todays = week === null ? null : ofToday(week);
  const verified = todays?.filter(({ verdict }) => verdict === Verdict.verified).length ?? 0;
  const figures: Figure[] = [
    {
      word: say("visits_today"),
      value: todays?.length ?? null,
      to: "days",
      ...(verified > 0 ? { more: say("verified", { n: verified }) } : {}),
    },
    { word: say("quotes"), value: quotes.value?.length ?? null, to: "decisions", asks: true },
    { word: say("cards"), value: openCards().length, to: "decisions", asks: true },
    { word: say("overdue"), value: overdue().length, to: "customers", asks: true },
    { word: say("customers"), value: all("customer").length, to: "customers" },
  ];
  return <Figures figures={figures} />;
}

const ofToday = (week: Week): readonly Visit[] => week.visits.filter(({ occurred_ms }) => dayOf(occurred_ms) === dayOf(Date.now()));

/** Bars of seven days, the highest of the team as high as the row. */
function Bars({ person, week, most }: { readonly person: Person; readonly week: readonly number[]; readonly most: number }): JSX.Element {
  const today = dayOf(Date.now());
  const word = (at: number): string => dayWord(today - (WEEK_DAYS - 1 - at));
  const list = week.map((n, at) => say("day_label", { day: word(at), n })).join(", ");
  return (
    <svg class="bars" viewBox="0 0 84 28" role="img" aria-label={say("week_label", { name: person.name, list })}>
      {week.map((n, at) => {
        const height = n === 0 ? 1.5 : Math.max(3, (26 * n) / most);
        return (
          <rect key={at} class={at === WEEK_DAYS - 1 ? "today" : ""} x={at * 12 + 2} y={27 - height} width="8" height={height} rx="1.5">
            <title>{say("day_label", { day: word(at), n })}</title>
          </rect>
        );
      })}
    </svg>
  );
}

function Team({ week }: { readonly week: Week | null }): JSX.Element {
  const lines = rows(week);
  const most = Math.max(1, ...lines.flatMap((row) => row.week ?? []));
  const number = (name: "customers" | "today" | "overdue" | "cards", word: string, width: number): Column<Row> => ({
    name,
    word,
    value: (row) => row[name],
    width,
  });
  const columns: Column<Row>[] = [
    {
      name: "rep",
      word: say("rep"),
      width: 166,
      value: ({ person }) => person.name,
      show: ({ person }) => (
        <span class="named">
          <Avatar name={person.name} />
          {person.name}
        </span>
      ),
    },
    { ...number("customers", say("customers"), 98), wide: true, show: ({ customers }) => <>{customers}</> },
    {
      ...number("today", say("visits"), 72),
      show: ({ today, verified }) =>
        today === null ? (
          UNHEARD
        ) : (
          <>
            <b>{today}</b> {verified > 0 && <small class="ok">{verified} ✓</small>}
          </>
        ),
    },
    {
      name: "week",
      word: say("week"),
      value: (row) => row.week?.reduce((sum, n) => sum + n, 0) ?? null,
      show: (row) => (row.week === null ? UNHEARD : <Bars person={row.person} week={row.week} most={most} />),
      width: 106,
    },
    {
      ...number("overdue", say("late"), 88),
      wide: true,
      show: (row) => <b class={row.overdue > 0 ? "asks" : "calm-number"}>{row.overdue}</b>,
    },
    { ...number("cards", say("open_cards"), 66), wide: true, show: ({ cards }) => <>{cards}</> },
    {
      name: "heard",
      word: say("heard"),
      value: ({ seenMs }) => seenMs,
      text: ({ seenMs, week }) => (seenMs !== null ? ago(seenMs) : week === null ? UNHEARD : say("never")),
      kind: "moment",
      width: 92,
      wide: true,
    },
  ];
  return (
    <section class="team">
      <h2>{say("team")}</h2>
      <Table
        name="team"
        title={say("team")}
        columns={columns}
        rows={lines}
        keyed={({ person }) => person.id}
        onOpen={({ person }) => go(`days/${person.id}`)}
        empty={say("no_team")}
        icon="me"
      />
    </section>
  );
}

function Places({ week }: { readonly week: Week | null }): JSX.Element | null {
  if (week === null) return null;
  const todays = ofToday(week);
  const spots: Spot[] = todays.flatMap((visit) => {
    const at = knownPosition(visit.datum, visit.latitude_e6, visit.longitude_e6);
    if (at === null) return [];
    const rep = personName(visit.author_id);
    const facts = { rep, customer: idWords("customer_id", visit.customer_id), when: clock(visit.occurred_ms) };
    const title = say("spot", { ...facts, verdict: valueWords(entityNumber("visit"), "verdict", visit.verdict) });
    return [{ ...at, key: visit.id, title, hue: hue(rep), hollow: visit.verdict !== Verdict.verified }];
  });
  const seen = [...new Set(todays.map(({ author_id }) => personName(author_id)))];
  return (
    <section>
      <h2>{say("places")}</h2>
      {spots.length === 0 ? (
        <div class="card">
          <Empty icon="pin">{say("no_places")}</Empty>
        </div>
      ) : (
        <>
          <Plane
            label={say("places")}
            spots={spots}
            onPick={(key) => go(`customers/${todays.find(({ id }) => id === key)?.customer_id ?? ""}`)}
          />
          <p class="legend">
            {seen.map((name) => (
              <span key={name}>
                <i style={{ "--hue": String(hue(name)) }} />
                {name}
              </span>
            ))}
            <span>{say("hollow")}</span>
          </p>
        </>
      )}
    </section>
  );
}
