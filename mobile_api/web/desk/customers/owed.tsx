/** Orders of a customer, and what it owes by age, at the desk (D-331, D-336). */

import type { ComponentChildren, JSX } from "preact";
import type { Id, Receivable, SalesOrder } from "../../client/src/index.ts";
import { dateWord, dayOf, money } from "../../shell/format.ts";
import { pages } from "../../shell/rest.ts";
import { entityNumber, fieldWord, valueWords } from "../../shell/words.ts";
import { Heard, useLive } from "../heard.tsx";
import { say } from "./owed_texts.ts";
import { say as customers } from "./texts.ts";

const SHOWN_MAX = 20;
/** The first day over of each age, behind what is not due. */
const AGES = [1, 31, 61, 91, 181] as const;

interface PartGiven<T> {
  readonly title: string;
  readonly path: string;
  readonly rows: (items: readonly T[]) => readonly (readonly [id: string, words: ComponentChildren, sum: string])[];
}

function Part<T>({ title, path, rows }: PartGiven<T>): JSX.Element {
  const heard = useLive(() => pages<T>(path), [path]);
  const shown = rows(heard.value ?? []);
  return (
    <section>
      <h2>{title}</h2>
      <Heard of={heard} />
      {heard.value !== null && (
        <div class="card list">
          {shown.map(([id, words, sum]) => (
            <div class="row" key={id}>
              {words}
              <b>{sum}</b>
            </div>
          ))}
          {shown.length === 0 && <p class="row">{customers("none")}</p>}
        </div>
      )}
    </section>
  );
}

function orderRow(order: SalesOrder): readonly [string, ComponentChildren, string] {
  const entity = entityNumber("sales_order");
  const slot = order.delivered_day !== null ? "delivered_day" : "promised_day";
  const day = order[slot];
  const words = [dateWord(order.day), day === null ? "" : `${fieldWord(entity, slot)} ${dateWord(day)}`];
  return [
    order.id,
    <>
      <span class="grow">
        <b>{order.number}</b>
        <small>{words.filter(Boolean).join(" · ")}</small>
      </span>
      <span class="chip">{valueWords(entity, "state", order.state)}</span>
    </>,
    money(order.total_minor, order.currency),
  ];
}

function ageWord(age: number): string {
  if (age < 0) return say("credit");
  if (age === 0) return say("not_due");
  const next = AGES[age];
  return say("over", { days: next === undefined ? `${AGES[age - 1]!}+` : `${AGES[age - 1]!}–${next - 1}` });
}

/** Sums by currency and age; credit notes stand apart, at -1. */
function aged(items: readonly Receivable[]): readonly (readonly [string, ComponentChildren, string])[] {
  const today = dayOf(Date.now());
  const sums = new Map<string, Map<number, number>>();
  for (const { currency, open_minor, due_day } of items) {
    if (open_minor === 0) continue;
    const age = open_minor < 0 ? -1 : AGES.filter((first) => today - due_day >= first).length;
    const mine = sums.get(currency) ?? new Map<number, number>();
    sums.set(currency, mine.set(age, (mine.get(age) ?? 0) + open_minor));
  }
  return [...sums].flatMap(([currency, ages]) =>
    [...ages]
      .sort(([one], [two]) => one - two)
      .map(([age, sum]) => [`${currency}${age}`, <span class="grow">{ageWord(age)}</span>, money(sum, currency)] as const),
  );
}

export function Owed({ id }: { readonly id: Id }): JSX.Element {
  const newest = (items: readonly SalesOrder[]) => [...items].sort((one, two) => two.day - one.day).slice(0, SHOWN_MAX);
  return (
    <>
      <Part<SalesOrder>
        title={say("orders")}
        path={`/v1/desk/sales-orders?customer_id=${id}`}
        rows={(items) => newest(items).map(orderRow)}
      />
      <Part<Receivable> title={say("owed")} path={`/v1/desk/receivables?customer_id=${id}`} rows={aged} />
    </>
  );
}
