/** A draft of the point model as it is written, and what it would move, all pages of the preview. */

import type { Id } from "../../client/src/index.ts";
import type { Written } from "../../shell/form.tsx";
import { give } from "../../shell/rest.ts";
import { INDUSTRY, type Factor, type Terms } from "./look.ts";

export interface Mover {
  readonly customer_id: Id;
  readonly name: string;
  readonly owner_id: Id | null;
  readonly before: number;
  readonly after: number;
  readonly points: number | null;
}

interface Page {
  readonly moves: readonly { readonly before: number; readonly after: number; readonly customers: number }[];
  readonly items: readonly Mover[];
  readonly next: Id | null;
}

export interface Preview {
  readonly terms: Terms;
  /** Tier → tier → customers. */
  readonly matrix: ReadonlyMap<string, number>;
  readonly movers: readonly Mover[];
}

export const cell = (before: number, after: number): string => `${before} ${after}`;

/** `1:10, 1000000:20`; of the industry `catering:4`. Null: not so written. */
function pairs(text: string): (readonly [string, number])[] | null {
  const parts = text.normalize("NFKC").split(/[,;、\n]+/).map((part) => part.trim()).filter(Boolean); // prettier-ignore
  const found = parts.map((part) => /^(.+?)\s*:\s*(\d{1,3})$/.exec(part));
  return found.some((one) => one === null) ? null : found.map((one) => [one![1]!, Number(one![2])] as const);
}

export function bandsText({ factor, bands, industries }: Factor): string {
  const lines =
    factor === INDUSTRY ? industries.map((one) => [one.industry, one.points]) : bands.map((one) => [one.from_value, one.points]);
  return lines.map(([value, points]) => `${value}:${points}`).join(", ");
}

/** What stands in the form; null: something of it cannot be read. */
export function termsIn(written: Written, begun: Terms): Terms | null {
  const [day, a_from, b_from] = [written.day("from"), written.decimal("a_from", 0), written.decimal("b_from", 0)];
  if (day === null || a_from === null || b_from === null) return null;
  const factors: Factor[] = [];
  for (const { factor } of begun.factors) {
    const [weight, found] = [written.decimal(`weight_${factor}`, 0), pairs(written.text(`bands_${factor}`))];
    if (weight === null || found === null) return null;
    if (factor === INDUSTRY) {
      factors.push({ factor, weight, bands: [], industries: found.map(([industry, points]) => ({ industry, points })) });
      continue;
    }
    if (found.some(([value]) => !/^-?\d{1,15}$/.test(value))) return null;
    factors.push({ factor, weight, industries: [], bands: found.map(([value, points]) => ({ from_value: Number(value), points })) });
  }
  return { ...begun, effective_from_day: day, a_from, b_from, factors };
}

export async function previewOf(terms: Terms): Promise<Preview> {
  const [matrix, movers] = [new Map<string, number>(), [] as Mover[]];
  for (let after: Id | null = null; ;) {
    const page: Page = await give<Page>("/v1/desk/evaluation/preview", { ...terms, after });
    for (const { before, after: then, customers } of page.moves) {
      matrix.set(cell(before, then), (matrix.get(cell(before, then)) ?? 0) + customers);
    }
    movers.push(...page.items);
    if (page.next === null) return { terms, matrix, movers };
    after = page.next;
  }
}
