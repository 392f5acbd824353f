/** A new quote: its title, its price book with the currency, until when it is valid; and the same fields again to change them. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { create, patch, type Id, type Quote } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import { DayField, Form, SelectField, TextField, type Written } from "../../shell/form.tsx";
import { Sheet } from "../../shell/parts.tsx";
import { all, byId, phone } from "../../shell/phone.ts";
import { isTold, type Told } from "../../shell/problems.ts";
import { go } from "../../shell/router.ts";
import { useSeen } from "../../shell/seen.ts";
import { CustomInputs, extraChanges } from "../../shell/fields/form.tsx";
import { booksNow, draftNumber } from "./look.ts";
import { say } from "./texts.ts";

const NOTE_LETTERS_MAX = 4000;

const ownCurrency = (): string => all("organisation")[0]?.currency ?? "CNY";

function HeaderFields({ quote }: { readonly quote: Quote | null }): JSX.Element {
  return (
    <>
      <TextField label={say("title")} name="title" value={quote?.title ?? ""} first />
      <DayField label={say("valid_until")} name="valid_until_day" day={quote?.valid_until_day ?? null} />
      <TextField label={say("note")} name="note" value={quote?.note ?? ""} most={NOTE_LETTERS_MAX} lines={3} />
      <CustomInputs name="quote" extra={quote?.extra ?? {}} />
    </>
  );
}

const header = (written: Written): Pick<Quote, "title" | "valid_until_day" | "note"> => ({
  title: written.text("title"),
  valid_until_day: written.day("valid_until_day"),
  note: written.text("note"),
});

interface ForCustomer {
  readonly customer: Id;
  readonly onClose: () => void;
}

export function NewQuoteSheet({ customer, onClose }: ForCustomer): JSX.Element {
  const books = booksNow();
  const [id] = useState(() => phone.newId());
  const choices = [
    ...books.map((book) => [book.id, `${book.name} (${book.currency})`] as const),
    ["", say("no_book", { currency: ownCurrency() })] as const,
  ];
  const save = (written: Written): Promise<Told | null> | Told => {
    const extra = extraChanges("quote", written);
    if (isTold(extra)) return extra;
    const price_book_id = written.text("price_book") || null;
    const currency = price_book_id === null ? ownCurrency() : (byId("price_book").get(price_book_id)?.currency ?? ownCurrency());
    const own = { customer_id: customer, currency, price_book_id, local_number: draftNumber(id) };
    return enter([create("quote", { ...own, ...header(written), ...extra }, id)], null);
  };
  return (
    <Sheet title={say("new_quote")} onClose={onClose}>
      <Form onSave={save} onDone={() => go(`quotes/${id}`)} onCancel={onClose}>
        <SelectField label={say("price_book")} name="price_book" choices={choices} value={books[0]?.id ?? ""} />
        <HeaderFields quote={null} />
      </Form>
    </Sheet>
  );
}

export function HeaderSheet({ quote: now, onClose }: { readonly quote: Quote; readonly onClose: () => void }): JSX.Element {
  const [quote] = useState(now); // as the person reads it while writing
  const seen = useSeen("quote", quote.id);
  const save = (written: Written): Promise<Told | null> | Told | null => {
    const extra = extraChanges("quote", written, quote.extra);
    if (isTold(extra)) return extra;
    const told = Object.entries(header(written)).filter(([slot, value]) => value !== quote[slot as keyof Quote]);
    const changed = { ...Object.fromEntries(told), ...extra };
    return Object.keys(changed).length === 0 ? null : enter([patch("quote", quote.id, changed, seen)], null);
  };
  return (
    <Sheet title={say("details")} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <HeaderFields quote={quote} />
      </Form>
    </Sheet>
  );
}
