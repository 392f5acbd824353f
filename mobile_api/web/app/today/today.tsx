/** The first screen of the day: what is due, whom to see, what is done; other features bring pieces of their own. */

import type { ComponentChildren, JSX } from "preact";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Id } from "../../client/src/index.ts";
import { ago, clock, count, dayWord, distance } from "../../shell/format.ts";
import { today } from "../../shell/form.tsx";
import { readable } from "../../shell/happened.ts";
import { Icon, type IconName } from "../../shell/icons.tsx";
import { language } from "../../shell/language.ts";
import { Avatar, TopBar } from "../../shell/parts.tsx";
import { one, signedIn, waiting } from "../../shell/phone.ts";
import { fix, searching, watchPosition } from "../../shell/position.ts";
import { features } from "../../shell/registry.ts";
import { href } from "../../shell/router.ts";
import { ALL, nameOf, wanted } from "../customers/look.ts";
import { doneToday, dueFollowUps, LONG_DAYS, NEAR_KM, nearAndLong, openCards } from "./look.ts";
import { say } from "./texts.ts";

const DUE_SHOWN_MAX = 8;
const NOON = 12;
const EVENING = 18;

interface Line {
  readonly customerId: Id;
  readonly line: string;
  readonly children?: ComponentChildren;
}

/** A line about a customer, which leads to it. */
export function CustomerLine({ customerId, line, children }: Line): JSX.Element {
  const name = nameOf(customerId);
  return (
    <a class="row" href={href(`customers/${customerId}`)}>
      <Avatar name={name} city={one("customer", customerId)?.city ?? ""} />
      <span class="grow">
        <b>{name}</b>
        <small>{line}</small>
      </span>
      {children}
    </a>
  );
}

function Nothing({ icon, word }: { readonly icon: IconName; readonly word: string }): JSX.Element {
  return (
    <p class="card quiet">
      <Icon name={icon} />
      {word}
    </p>
  );
}

function greeting(): string {
  const hour = new Date().getHours();
  return say(hour < NOON ? "morning" : hour < EVENING ? "afternoon" : "evening", { name: signedIn.value?.name ?? "" });
}

function longDate(): string {
  const locale = language.value === "zh" ? "zh-CN" : "en-GB";
  return new Intl.DateTimeFormat(locale, { weekday: "long", month: "long", day: "numeric" }).format(Date.now());
}

/** A screen of another feature, when the app has it. */
const screenOr = (screen: string, otherwise: string): string => (features().screens.has(screen) ? screen : otherwise);

function Figures(): JSX.Element {
  const onlyDue = (): void => void (wanted.value = { ...ALL, due: true });
  const visits = doneToday().filter(({ name }) => name === "visit").length;
  const figures = [
    { number: dueFollowUps().length, word: say("due_count"), to: "customers", before: onlyDue },
    { number: visits, word: say("visits_count"), to: null },
    { number: waiting.value, word: say("waiting_count"), to: screenOr("outbox", "me") },
    { number: openCards(), word: say("inbox_count"), to: screenOr("inbox", "me") },
  ];
  return (
    <div class="figures">
      {figures.map(({ number, word, to, before }) => {
        const inside = [<b key="number">{count(number)}</b>, <small key="word">{word}</small>];
        return to === null ? (
          <span class="card" key={word}>
            {inside}
          </span>
        ) : (
          <a class="card" key={word} href={href(to)} onClick={before}>
            {inside}
          </a>
        );
      })}
    </div>
  );
}

export function Due(): JSX.Element {
  const due = dueFollowUps();
  const rest = due.length - DUE_SHOWN_MAX;
  return (
    <section>
      <h2>{say("due")}</h2>
      {due.length === 0 && <Nothing icon="check" word={say("nothing_due")} />}
      {due.length > 0 && (
        <div class="card list">
          {due.slice(0, DUE_SHOWN_MAX).map(({ id, customer_id, due_day, purpose }) => (
            <CustomerLine key={id} customerId={customer_id} line={purpose || say("follow_up")}>
              <span class={due_day < today() ? "chip hot" : "chip wait"}>{dayWord(due_day)}</span>
            </CustomerLine>
          ))}
          {rest > 0 && (
            <a class="row more" href={href("customers")} onClick={() => void (wanted.value = { ...ALL, due: true })}>
              {say("all_due", { n: count(due.length) })}
            </a>
          )}
        </div>
      )}
    </section>
  );
}

/** The person asked for the position, here or once before: nobody is asked again. */
const asked = signal(false);

function askedBefore(): void {
  void navigator.permissions?.query({ name: "geolocation" }).then(({ state }) => (asked.value ||= state === "granted"));
}

function NearList(): JSX.Element {
  const found = nearAndLong();
  if (found.length === 0) return <Nothing icon="check" word={say("nobody_near", { km: NEAR_KM, days: LONG_DAYS })} />;
  return (
    <div class="card list">
      {found.map(({ customer, mm, lastMs }) => (
        <CustomerLine
          key={customer.id}
          customerId={customer.id}
          line={lastMs === null ? say("never_contacted") : say("last_contact", { when: ago(lastMs) })}
        >
          <small class="side">{distance(mm)}</small>
        </CustomerLine>
      ))}
    </div>
  );
}

export function NearPiece(): JSX.Element {
  useEffect(askedBefore, []);
  useEffect(() => (asked.value ? watchPosition() : undefined), [asked.value]);
  const state = searching.value;
  return (
    <section>
      <h2>{say("near")}</h2>
      {fix.value !== null && <NearList />}
      {fix.value !== null && (
        <a class="button wide" href={href("nearby")}>
          <Icon name="target" /> {say("near_all")}
        </a>
      )}
      {fix.value === null && state === "idle" && (
        <button class="card wide ask" onClick={() => void (asked.value = true)}>
          <Icon name="pin" />
          {say("near_ask")}
        </button>
      )}
      {fix.value === null && state === "searching" && <Nothing icon="pin" word={say("near_searching")} />}
      {fix.value === null && (state === "refused" || state === "failed") && (
        <Nothing icon="pin" word={say(state === "refused" ? "near_refused" : "near_failed")} />
      )}
    </section>
  );
}

export function Done(): JSX.Element {
  const done = doneToday();
  return (
    <section>
      <h2>{say("done")}</h2>
      {done.length === 0 && <Nothing icon="clock" word={say("nothing_done")} />}
      {done.length > 0 && (
        <div class="card list">
          {done.map((one) => {
            const { title, line, waits } = readable(one);
            const withdrawn = one.record["withdrawn"] === true;
            return (
              <CustomerLine key={one.record.id} customerId={one.customerId} line={[title, line].filter(Boolean).join(" · ")}>
                {withdrawn && <span class="chip">{say("withdrawn")}</span>}
                {waits ? <span class="chip wait">{say("waits")}</span> : <small class="side">{clock(one.atMs)}</small>}
              </CustomerLine>
            );
          })}
        </div>
      )}
    </section>
  );
}

export function Today(): JSX.Element {
  return (
    <>
      <TopBar title={say("today")} />
      <main>
        <p class="greeting">
          <b>{greeting()}</b>
          <span>{longDate()}</span>
        </p>
        <Figures />
        {features().today.map(({ View }, at) => (
          <View key={at} />
        ))}
      </main>
    </>
  );
}
