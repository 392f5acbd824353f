/**
 * Plays a room of vectors: what Python's rules gave, asked of their twins here. `OUTRIDER_VECTORS` names the folder that
 * `python -m tests.vectors FOLDER` has written.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** What a rule is given by name, as JSON. */
export type Given = Record<string, any>;
type Player = (given: Given) => unknown;

interface Case {
  readonly given: Given;
  readonly gives: unknown;
}

/** A test for each rule of the room. One that has no cases, or no player, fails. */
export function play(room: string, players: Readonly<Record<string, Player>>): void {
  const rules = read(room);
  test(`${room}: Python and TypeScript know the same rules`, () => {
    assert.deepEqual(Object.keys(rules).sort(), Object.keys(players).sort());
  });
  for (const [rule, player] of Object.entries(players)) {
    test(rule, () => {
      const cases = rules[rule] ?? [];
      assert.ok(cases.length > 0, `${room}.json holds no case of ${rule}`);
      cases.forEach((one, place) => same(player, one, `${rule}, case ${place}`));
      console.log(`played ${cases.length} of ${rule}`);
    });
  }
}

function same(player: Player, { given, gives }: Case, place: string): void {
  const answer = answered(player, given);
  if (canonical(answer) === canonical(gives)) return;
  assert.deepEqual(answer, gives, `${place}: ${JSON.stringify(given).slice(0, 2_000)}`);
  assert.fail(`${place}: ${canonical(answer)} is not ${canonical(gives)}`);
}

/** A rule that refuses its arguments throws a RangeError. Any other error is a fault. */
function answered(player: Player, given: Given): unknown {
  try {
    return JSON.parse(JSON.stringify(player(given) ?? null));
  } catch (error) {
    if (error instanceof RangeError) return { raises: true };
    throw error;
  }
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(",")}}`;
}

function read(room: string): Record<string, readonly Case[]> {
  const folder = process.env["OUTRIDER_VECTORS"];
  if (folder === undefined) throw new Error("OUTRIDER_VECTORS names no folder: write one with `python -m tests.vectors FOLDER`");
  return JSON.parse(readFileSync(join(folder, `${room}.json`), "utf8"));
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const raw = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
