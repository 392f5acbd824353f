/** The order of a quote's lines: their positions are texts that sort, and a move changes as few of them as it can. */

import { patch, type Edit, type QuoteLine } from "../../client/src/index.ts";

const DIGITS = 3;
const placed = (at: number): string => String(at).padStart(DIGITS, "0");

/** The position after all of these lines. */
export function lastPosition(lines: readonly QuoteLine[]): string {
  const last = lines.at(-1);
  if (last === undefined) return placed(0);
  return /^\d{1,9}$/.test(last.position) ? placed(Number(last.position) + 1) : `${last.position}1`;
}

/** The line at `from` goes to the place of its neighbour at `to`. */
export function moved(lines: readonly QuoteLine[], from: number, to: number): Edit[] {
  const [one, other] = [lines[from], lines[to]];
  if (one === undefined || other === undefined) return [];
  if (one.position !== other.position) return [place(one, other.position), place(other, one.position)];
  const wanted = [...lines];
  [wanted[from], wanted[to]] = [other, one];
  return wanted.flatMap((line, at) => (line.position === placed(at) ? [] : [place(line, placed(at))]));
}

const place = ({ id }: QuoteLine, position: string): Edit => patch("quote_line", id, { position });
