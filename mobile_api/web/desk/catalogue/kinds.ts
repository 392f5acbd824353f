/** Products, price books, prices and custom fields as tables of the desk. */

import type { EntityName, PriceBook } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { minorDigits } from "../../shell/format.ts";
import { all } from "../../shell/phone.ts";
import { go } from "../../shell/router.ts";
import { entityNumber, kindTitle } from "../../shell/words.ts";
import type { Choices, Field, Row } from "../kept/fields.tsx";
import { recordOf, type Kind } from "../kept/kept.tsx";
import { receivers } from "../../shell/team.ts";
import { choicesOf, fieldHead, valuesIn } from "../words_of.ts";
import { may } from "../may.ts";
import { say } from "./texts.ts";

/** Kinds of record that custom fields may stand on. */
const EXTENDED: readonly EntityName[] = ["customer", "contact", "visit", "quote"];
const PERCENT_DIGITS = 2;

const text = (entity: EntityName, name: string, more: Partial<Field> = {}): Field => ({
  name,
  word: fieldHead(entity, name),
  kind: "text",
  ...more,
});

const active = (entity: EntityName): Field => ({ ...text(entity, "active"), kind: "yes", first: true, width: 110, wide: true });

export function productKind(): Kind {
  const tax: Partial<Field> = { kind: "decimal", digits: PERCENT_DIGITS, unit: " %", first: 0, width: 110, wide: true };
  return {
    title: say("products"),
    newWord: say("new_product"),
    empty: say("no_products"),
    path: "/v1/desk/products",
    shownOnly: !may("POST /v1/desk/products"),
    read: recordOf("product"),
    fields: [
      text("product", "name", { needed: true }),
      text("product", "code", { needed: true, width: 150 }),
      text("product", "unit", { width: 90, wide: true }),
      text("product", "tax_bps", tax),
      text("product", "grade", { width: 110, wide: true }),
      active("product"),
    ],
    made: ({ id, name }) =>
      tell({
        text: say("no_price_yet", { name: String(name) }),
        undo: { text: say("to_prices"), act: () => go(`catalogue/prices/${id}`) },
      }),
  };
}

export function bookKind(): Kind {
  return {
    title: say("books"),
    newWord: say("new_book"),
    empty: say("no_books"),
    path: "/v1/desk/price-books",
    shownOnly: !may("POST /v1/desk/price-books"),
    read: recordOf("price_book"),
    fields: [
      text("price_book", "name", { needed: true }),
      text("price_book", "currency", { needed: true, first: all("organisation")[0]?.currency ?? "CNY", width: 140 }),
      { ...text("price_book", "valid_from_day"), kind: "day", width: 220, wide: true },
    ],
  };
}

/** `wanted`: the product for which somebody came here. A new price is proposed for it, else for the first product that has none. */
export function priceKind(book: PriceBook, products: Choices, wanted = ""): Kind {
  const unpriced = (rows: readonly Row[]): unknown => {
    const without = products.map(([id]) => id).filter((id) => !rows.some((row) => row["product_id"] === id));
    return without.includes(wanted) ? wanted : (without[0] ?? "");
  };
  const money: Partial<Field> = { kind: "decimal", digits: minorDigits(book.currency), width: 150 };
  return {
    title: `${say("prices")} ${book.name}`,
    newWord: say("new_price"),
    empty: say("no_prices"),
    path: "/v1/desk/prices",
    shownOnly: !may("POST /v1/desk/prices"),
    list: `/v1/desk/prices?price_book_id=${book.id}`,
    read: recordOf("price"),
    given: { price_book_id: book.id },
    fields: [
      text("price", "product_id", { kind: "choice", choices: products, once: true, needed: true, firstOf: unpriced }),
      text("price", "price_minor", { ...money, needed: true, unit: ` ${book.currency}` }),
      text("price", "floor_minor", { ...money, first: 0, unit: ` ${book.currency}`, wide: true }),
      text("price", "max_discount_bps", { kind: "decimal", digits: PERCENT_DIGITS, unit: " %", first: 0, width: 170, wide: true }),
    ],
  };
}

export function cityKind(): Kind {
  return {
    title: say("cities"),
    newWord: say("new_city"),
    empty: say("no_cities"),
    path: "/v1/desk/cities",
    read: recordOf("city"),
    fields: [text("city", "name", { needed: true, hint: say("city_hint") }), text("city", "region", { needed: true })],
  };
}

export function ruleKind(): Kind {
  const of = (name: string, more: Partial<Field> = {}): Field => text("assignment_rule", name, more);
  const condition: Partial<Field> = { hint: say("empty_fits_all"), width: 110 };
  const kinds = [["0", say("any_kind")] as const, ...valuesIn("assignment_rule.kind")];
  return {
    title: say("rules"),
    newWord: say("new_rule"),
    empty: say("no_rules"),
    path: "/v1/desk/assignment-rules",
    order: "priority",
    read: recordOf("assignment_rule"),
    fields: [
      of("name", { needed: true }),
      of("priority", { kind: "decimal", digits: 0, first: 0, hint: say("priority_hint"), width: 130 }),
      of("region", condition),
      of("city", condition),
      of("industry", { ...condition, wide: true, apart: true }),
      of("kind", { kind: "numbers", choices: kinds, first: "0", width: 110, wide: true, apart: true }),
      of("user_ids", { kind: "several", choices: choicesOf(receivers()) }),
      of("pool_id", { kind: "choice", choices: choicesOf(all("pool"), say("no_pool")), first: "" }),
      of("pool_by_fit", { kind: "yes", first: false, width: 120, wide: true }),
      active("assignment_rule"),
    ],
  };
}

export function fieldKind(): Kind {
  const kinds = EXTENDED.map((name) => [String(entityNumber(name)), kindTitle(entityNumber(name))] as const);
  const of = (name: string, more: Partial<Field>): Field => text("field_definition", name, more);
  return {
    title: say("fields"),
    newWord: say("new_field"),
    empty: say("no_fields"),
    path: "/v1/desk/field-definitions",
    read: recordOf("field_definition"),
    fields: [
      of("label_zh", { needed: true }),
      of("label_en", { needed: true }),
      of("entity", { kind: "numbers", choices: kinds, first: "1", once: true, width: 150 }),
      of("key", { needed: true, once: true, hint: say("key_hint"), width: 180, wide: true }),
      of("kind", { kind: "numbers", choices: valuesIn("field_definition.kind"), first: "1", once: true, width: 120, wide: true }),
      of("choices", { kind: "words", hint: say("choices_hint"), wide: true }),
      active("field_definition"),
    ],
  };
}
