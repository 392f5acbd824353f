/**
 * Takes the texts out of the scripts. A pair of tables, `const zh = {…}` and `const en = {…}` (or `NAMES_ZH` and `NAMES_EN`), leaves its
 * names in the script and its texts in a file of each language, so that a phone loads the one that it shows.
 */

import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { runInNewContext } from "node:vm";

export const LANGUAGES = ["zh", "en"];
/** As prettier and the generators write them: on one line, or with the closing brace at the margin. */
const TABLE = /^((?:export )?const (\w*)(zh|en)\b[^=\n]*= )(\{[^\n]*\}|\{\n[\s\S]*?^\})(?: as const)?;/gim;
const CALL = /\(\{ zh, en \}\)/;
/** To look into a table by hand: the build takes its names and texts out, so nothing would be found there. */
const BY_HAND = /\bin (?:zh|en)\b|(?<![\w."])(?:zh|en)(?:\[|\.)|\((?:zh|en)\)/;
const MARK = /"@texts ([^"]+)"/g;

/**
 * The tables of one app: a plugin for esbuild, `placed` for each script that it made, and then the lines of each language. `spare`: names
 * that this app never shows.
 */
export function wordsOf(folder, spare = new Set()) {
  const tables = new Map();
  const places = new Map();
  const lines = Object.fromEntries(LANGUAGES.map((language) => [language, []]));

  function load({ path }) {
    if (!path.startsWith(folder) || path.includes("node_modules")) return undefined;
    const source = readFileSync(path, "utf8");
    const module = relative(folder, path).replaceAll(sep, "/");
    let found = 0;
    const contents = source.replace(TABLE, (_, head, prefix, language, body) => {
      found += 1;
      const name = module + (prefix && ` ${prefix}`);
      const table = tables.get(name) ?? {};
      const all = runInNewContext(`(${body})`);
      const texts = prefix === "NAMES_" ? Object.fromEntries(Object.entries(all).filter(([one]) => !spare.has(one))) : all;
      tables.set(name, { ...table, [language.toLowerCase()]: texts });
      if (language.toLowerCase() === "en") return `${head}0;`;
      return `${head}["@texts ${name}", ${JSON.stringify(Object.keys(texts).join(" "))}];`;
    });
    if (found < 2 && CALL.test(source)) throw new Error(`${module}: its texts stand in no tables that can be read`);
    if (BY_HAND.test(contents)) throw new Error(`${module}: only texts() and speaker() look into a table of texts`);
    return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
  }

  function placeOf(name) {
    if (!places.has(name)) {
      const { zh, en } = tables.get(name);
      places.set(name, lines.zh.length);
      for (const text of Object.keys(zh)) {
        for (const one of [zh[text], en[text]]) {
          if (typeof one !== "string" || one.includes("\n")) throw new Error(`${name}: ${text} is not one line in both languages`);
        }
        lines.zh.push(zh[text]);
        lines.en.push(en[text]);
      }
    }
    return String(places.get(name));
  }

  const plugin = { name: "words", setup: ({ onLoad }) => onLoad({ filter: /\.tsx?$/ }, load) };
  return { plugin, lines, placed: (script) => script.replace(MARK, (_, name) => placeOf(name)) };
}
