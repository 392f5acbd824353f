/** One line of a quote: which product, how much of it, at which price; with what helps to decide beside the fields. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  bounded,
  create,
  lineAmount,
  patch,
  remove,
  total,
  type Edit,
  type Id,
  type Product,
  type Quote,
  type QuoteLine,
  type Seen,
} from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { Form, TextField, Written } from "../../shell/form.tsx";
import { decimal, minorDigits, money, percent, quantity } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { one } from "../../shell/phone.ts";
import { Picker } from "../../shell/picker.tsx";
import type { Told } from "../../shell/problems.ts";
import { useSeen } from "../../shell/seen.ts";
import { lastPrice, limitOf, linesOf, listed, numberOf, oddOf, pricesIncludeTax, productsNow, stateOf } from "./look.ts";
import { lastPosition } from "./order.ts";
import { say } from "./texts.ts";

const QUANTITY_MAX = 10 ** 10;
const PRICE_MAX = 10 ** 14;
const WHOLE_BPS = 10_000;
const EXAMPLES = { quantity: "12", price: "99.50", discount: "5", tax: "13" } as const;
type Number4 = keyof typeof EXAMPLES;

/** The numbers of a line as they are typed; null where there is no number yet. */
type Typed = Readonly<Record<Number4, number | null>>;

interface Lining {
  readonly quote: Quote;
  readonly product: Id;
  /** Null for a new line. */
  readonly line: QuoteLine | null;
}

function typedIn(written: Written, currency: string): Typed {
  const within = (value: number | null, least: number, most: number): number | null =>
    value === null || value < least || value > most ? null : value;
  return {
    quantity: within(written.decimal("quantity", 3), 1, QUANTITY_MAX),
    price: within(written.decimal("price", minorDigits(currency)), 0, PRICE_MAX),
    discount: within(written.text("discount") === "" ? 0 : written.decimal("discount", 2), 0, WHOLE_BPS),
    tax: within(written.text("tax") === "" ? 0 : written.decimal("tax", 2), 0, WHOLE_BPS),
  };
}

/** The line as these numbers make it; null while one is missing. */
function lineFrom({ quote, product, line }: Lining, typed: Typed, note: string): QuoteLine | null {
  const { quantity: quantity_thousandths, price: price_minor, discount: discount_bps, tax: tax_bps } = typed;
  if (quantity_thousandths === null || price_minor === null || discount_bps === null || tax_bps === null) return null;
  const numbers = { quantity_thousandths, price_minor, discount_bps, tax_bps, note };
  if (line !== null) return { ...line, ...numbers };
  const unit = one("product", product)?.unit || "x";
  const list_price_minor = listed(quote, product)?.price_minor ?? 0;
  const place = { customer_id: quote.customer_id, quote_id: quote.id, product_id: product, position: lastPosition(linesOf(quote.id)) };
  return { id: "", rev: 0, unit, list_price_minor, ...place, ...numbers };
}

function editOf(line: QuoteLine, seen: Seen | undefined): Edit {
  const { id, rev: _, customer_id, quote_id, position, ...group } = line;
  return id === "" ? create("quote_line", { customer_id, quote_id, position, ...group }) : patch("quote_line", id, group, seen);
}

function wrongField(typed: Typed): Told | null {
  const field = (Object.keys(EXAMPLES) as Number4[]).find((name) => typed[name] === null);
  if (field === undefined) return null;
  const word = say(field, { unit: "", currency: "", kind: "" }).replace(/\s*[（(].*$/, "");
  return { happened: say("wrong", { field: word }), means: say("wrong_means"), next: say("wrong_next", { example: EXAMPLES[field] }) };
}

const tooMuch = (): Told => ({ happened: say("too_much"), means: say("wrong_means"), next: say("too_much_next") });

function save(lining: Lining, written: Written, seen: Seen | undefined): Promise<Told | null> | Told {
  const typed = typedIn(written, lining.quote.currency);
  const line = lineFrom(lining, typed, written.text("note"));
  if (line === null) return wrongField(typed) ?? tooMuch();
  const others = linesOf(lining.quote.id).filter(({ id }) => id !== line.id);
  if (!bounded(total([...others, line], pricesIncludeTax()))) return tooMuch();
  return enter([editOf(line, seen)], null);
}

function startOf({ quote, product, line }: Lining): Typed {
  if (line !== null)
    return { quantity: line.quantity_thousandths, price: line.price_minor, discount: line.discount_bps, tax: line.tax_bps };
  const price = listed(quote, product)?.price_minor ?? null;
  return { quantity: 1000, price, discount: 0, tax: one("product", product)?.tax_bps ?? 0 };
}

/** A number as one types it: no groups of thousands, no idle zeros. */
function typable(value: number | null, digits: number, idle = false): string {
  if (value === null) return "";
  const text = decimal(value, digits).replaceAll(",", "");
  return idle || !text.includes(".") ? text : text.replace(/\.?0+$/, "");
}

/** What helps to decide: list price, last price, floor, highest discount, and the amount as it is typed. */
function Beside({ lining, typed }: { readonly lining: Lining; readonly typed: Typed }): JSX.Element {
  const { quote, product } = lining;
  const price = listed(quote, product);
  const earlier = lastPrice(quote, product);
  const line = lineFrom(lining, typed, "");
  const limit = limitOf(quote, product);
  const odd = line === null ? null : oddOf(quote, line);
  const coin = (minor: number): string => money(minor, quote.currency);
  return (
    <div class="beside" role="status">
      <p>{price === null ? say("unlisted") : say("listed", { price: coin(price.price_minor) })}</p>
      {earlier !== null && (
        <p>
          {say("last_price", {
            price: coin(earlier.line.price_minor) + (earlier.line.discount_bps > 0 ? ` − ${percent(earlier.line.discount_bps)}` : ""),
            number: numberOf(earlier.quote),
            state: say(stateOf(earlier.quote)),
          })}
        </p>
      )}
      {price !== null && odd !== "below" && price.floor_minor > 0 && <p>{say("floor", { price: coin(price.floor_minor) })}</p>}
      {limit !== null && odd !== "beyond" && <p>{say("highest", { percent: percent(limit) })}</p>}
      {odd === "below" && <p class="odd">{say("below_floor", { price: coin(price!.floor_minor) })}</p>}
      {odd === "beyond" && <p class="odd">{say("beyond_discount", { percent: percent(limit!) })}</p>}
      <p class="amount">
        <span>{say("amount")}</span>
        <b>{line === null ? "–" : coin(lineAmount(line))}</b>
      </p>
    </div>
  );
}

export function LineSheet({ onClose, ...lining }: Lining & { readonly onClose: () => void }): JSX.Element {
  const { quote, product, line } = lining;
  const seen = useSeen("quote_line", line?.id);
  const [typed, setTyped] = useState<Typed>(() => startOf(lining));
  const [start] = useState(typed);
  const shown = one("product", product);
  const drop = (): void => {
    if (line !== null) void enter([remove("quote_line", line.id, seen)], { text: say("line_gone") });
    onClose();
  };
  const heard = (event: Event): void => {
    const { form } = event.target as HTMLInputElement;
    if (form !== null) setTyped(typedIn(new Written(form), quote.currency));
  };
  const kind = say(pricesIncludeTax() ? "with_tax" : "without_tax");
  return (
    <Sheet title={shown?.name ?? "…"} onClose={onClose}>
      <Form onSave={(written) => save(lining, written, seen)} onDone={onClose} onCancel={onClose}>
        <div onInput={heard} class="numbers">
          <TextField
            label={say("quantity", { unit: line?.unit ?? (shown?.unit || "x") })}
            name="quantity"
            mode="decimal"
            value={typable(start.quantity, 3)}
            needed
            first
          />
          <TextField
            label={say("price", { currency: quote.currency, kind })}
            name="price"
            mode="decimal"
            value={typable(start.price, minorDigits(quote.currency), true)}
            needed
          />
          <TextField label={say("discount")} name="discount" mode="decimal" value={typable(start.discount, 2)} />
          <TextField label={say("tax")} name="tax" mode="decimal" value={typable(start.tax, 2)} />
        </div>
        <Beside lining={lining} typed={typed} />
        <TextField label={say("note")} name="note" value={line?.note ?? ""} />
      </Form>
      {line !== null && (
        <button class="bare hot wide" onClick={drop}>
          <Icon name="bin" />
          {say("remove")}
        </button>
      )}
    </Sheet>
  );
}

interface Picking {
  readonly quote: Quote;
  readonly onPick: (product: Product) => void;
  readonly onClose: () => void;
}

export function ProductPicker({ quote, onPick, onClose }: Picking): JSX.Element {
  const line = (product: Product): string => {
    const price = listed(quote, product.id);
    return [product.code, price === null ? "" : `${money(price.price_minor, quote.currency)} / ${product.unit || "x"}`]
      .filter(Boolean)
      .join(" · ");
  };
  return (
    <Picker
      title={say("which_product")}
      items={productsNow()}
      text={({ code, name }) => `${code} ${name}`}
      keyed={({ id }) => id}
      name={({ name }) => name}
      line={line}
      onPick={onPick}
      onClose={onClose}
    />
  );
}

/** Quantity, price and discount of a line in one line. */
export function lineWords(line: QuoteLine, currency: string): string {
  const discount = line.discount_bps > 0 ? ` − ${percent(line.discount_bps)}` : "";
  return `${quantity(line.quantity_thousandths)} ${line.unit} × ${money(line.price_minor, currency)}${discount}`;
}
