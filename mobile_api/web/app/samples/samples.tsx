/** The samples that a customer has: how many of which product, and logging more. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { create, type Id, type Product, type SampleEntry } from "../../client/src/index.ts";
import { enter } from "../../shell/entering.ts";
import type { OfCustomer } from "../../shell/feature.ts";
import { Form, TextField, type Written } from "../../shell/form.tsx";
import { byName, count } from "../../shell/format.ts";
import { Sheet } from "../../shell/parts.tsx";
import { all, one } from "../../shell/phone.ts";
import { Picker } from "../../shell/picker.tsx";
import type { Told } from "../../shell/problems.ts";
import { Section } from "../../shell/section.tsx";
import { say } from "./texts.ts";

const QUANTITY_MAX = 1_000_000;

export const sampleWords = ({ quantity, product_id, note }: SampleEntry): string =>
  [say("line", { quantity: count(quantity), product: one("product", product_id)?.name ?? "…" }), note].filter(Boolean).join(" · ");

/** Product → how many the customer has: as the server counted, with the entries that it does not have yet. */
function countsOf(customer: Id): ReadonlyMap<Id, number> {
  const counted = new Map<Id, number>();
  const add = ({ product_id, quantity }: Pick<SampleEntry, "product_id" | "quantity">): void =>
    void counted.set(product_id, (counted.get(product_id) ?? 0) + quantity);
  all("sample_count")
    .filter((one) => one.customer_id === customer)
    .forEach(add);
  all("sample_entry")
    .filter((one) => one.customer_id === customer && one.rev === 0)
    .forEach(add);
  return counted;
}

interface Logging extends OfCustomer {
  readonly product: Product;
  readonly onClose: () => void;
}

function LogSheet({ customer, product, onClose }: Logging): JSX.Element {
  const save = (written: Written): Promise<Told | null> | Told => {
    const quantity = written.decimal("quantity", 0);
    if (quantity === null || quantity === 0 || Math.abs(quantity) > QUANTITY_MAX)
      return { happened: say("wrong"), means: say("wrong_means"), next: say("wrong_next") };
    const entry = { customer_id: customer.id, product_id: product.id, quantity, device_ms: Date.now(), note: written.text("note") };
    return enter([create("sample_entry", entry)], { text: say("saved") });
  };
  return (
    <Sheet title={say("given", { product: product.name })} onClose={onClose}>
      <Form onSave={save} onDone={onClose} onCancel={onClose}>
        <TextField label={say("quantity")} name="quantity" value="1" most={8} hint={say("quantity_hint")} needed first />
        <TextField label={say("note")} name="note" />
      </Form>
    </Sheet>
  );
}

export function Samples({ customer }: OfCustomer): JSX.Element | null {
  const [choosing, setChoosing] = useState(false);
  const [product, setProduct] = useState<Product | null>(null);
  const counts = countsOf(customer.id);
  const products = all("product").filter(({ active }) => active);
  if (products.length === 0 && counts.size === 0) return null;
  const pick = (picked: Product): void => {
    setChoosing(false);
    setProduct(picked);
  };
  return (
    <Section title={say("samples")} addWord={say("log")} onAdd={() => setChoosing(true)}>
      {counts.size > 0 && (
        <div class="card list">
          {[...counts].map(([id, quantity]) => (
            <div class="row" key={id}>
              <span class="grow">
                <b>{one("product", id)?.name ?? "…"}</b>
              </span>
              <b class="side">{count(quantity)}</b>
            </div>
          ))}
        </div>
      )}
      {choosing && (
        <Picker
          title={say("choose")}
          items={byName(products)}
          text={({ name, code }) => `${name} ${code}`}
          keyed={({ id }) => id}
          name={({ name }) => name}
          line={({ code, unit }) => [code, unit].filter(Boolean).join(" · ")}
          onPick={pick}
          onClose={() => setChoosing(false)}
        />
      )}
      {product !== null && <LogSheet customer={customer} product={product} onClose={() => setProduct(null)} />}
    </Section>
  );
}
