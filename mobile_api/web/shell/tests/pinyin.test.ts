/** First letters of Chinese names, held against the standard GB 2312, whose 3,755 common characters stand in the order of pinyin. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { initialsOf, lettersOf, wordInitials } from "../pinyin.ts";

/** The code of the first character of each letter in GB 2312, and the code behind the last one. */
const BEGINS: readonly (readonly [letter: string, code: number])[] = [
  ["a", 0xb0a1],
  ["b", 0xb0c5],
  ["c", 0xb2c1],
  ["d", 0xb4ee],
  ["e", 0xb6ea],
  ["f", 0xb7a2],
  ["g", 0xb8c1],
  ["h", 0xb9fe],
  ["j", 0xbbf7],
  ["k", 0xbfa6],
  ["l", 0xc0ac],
  ["m", 0xc2e8],
  ["n", 0xc4c3],
  ["o", 0xc5b6],
  ["p", 0xc5be],
  ["q", 0xc6da],
  ["r", 0xc8bb],
  ["s", 0xc8f6],
  ["t", 0xcbfa],
  ["w", 0xcdda],
  ["x", 0xcef4],
  ["y", 0xd1b9],
  ["z", 0xd4d1],
];
const BEHIND = 0xd7fa;
const COMMON_CHARACTERS = 3_755;

function common(): [character: string, letter: string][] {
  const decoder = new TextDecoder("gb2312");
  const found: [string, string][] = [];
  for (let code = BEGINS[0]![1]; code < BEHIND; code++) {
    const [row, cell] = [code >> 8, code & 0xff];
    if (cell < 0xa1 || cell > 0xfe) continue;
    const [letter] = BEGINS.findLast(([, begins]) => begins <= code)!;
    found.push([decoder.decode(Uint8Array.of(row, cell)), letter]);
  }
  return found;
}

test("each common character has the letter of the standard", () => {
  const characters = common();
  assert.equal(characters.length, COMMON_CHARACTERS);
  assert.deepEqual(
    characters.filter(([character, letter]) => !lettersOf(character).includes(letter)).map(([character, letter]) => character + letter),
    [],
  );
});

test("a character has two letters only where both are read", () => {
  for (const [character, letters] of Object.entries({ 重: "zc", 长: "zc", 厦: "sx", 曾: "cz", 单: "ds", 林: "l", 妈: "m", 他: "t" }))
    assert.equal([...lettersOf(character)].sort().join(""), [...letters].sort().join(""), character);
});

test("a name is found by each way in which it may be read, with its Latin letters and digits", () => {
  assert.deepEqual(initialsOf("上海德泰五金商行"), ["shdtwjsx", "shdtwjsh"]);
  assert.ok(initialsOf("重庆长安").includes("cqca"));
  assert.deepEqual(initialsOf("A1·便利店（总）"), ["a1bldz", "a1pldz"]);
  assert.deepEqual(initialsOf("—— ·"), []);
});

test("a long name of many readings stays small", () => {
  const variants = initialsOf("重长厦曾单解仇区查覃".repeat(4));
  assert.ok(variants.length <= 8);
  assert.ok(variants.every((one) => one.length === 40));
});

test("a name of several words is found by the first letter of each", () => {
  assert.equal(wordInitials("Quay Hardware & Sons"), "qhs");
  assert.equal(wordInitials("大华五金行"), "");
});
