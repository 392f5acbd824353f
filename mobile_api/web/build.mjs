/**
 * Builds each app into `dist/<app>/`: hashed names, a service worker that knows them all, each text also compressed; and the page at `/`.
 * Same sources, same bytes.
 *
 * `--sizes` tells the sizes, `--check-size` only holds what is built against the budget, `--out=FOLDER` builds elsewhere, `--edition=WORD`
 * makes another version of the same sources (for tests of the update).
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { icon } from "./shell/icon.mjs";
import { LANGUAGES, wordsOf } from "./words.mjs";

/** The texts of one language. */
const OF_A_LANGUAGE = /^(zh|en)-/;
const HERE = fileURLToPath(new URL("./", import.meta.url));
/** The device itself; the geometry beside it has a bound of its own. */
const CORE = ["wire", "sync", "agreed"];
const GEOMETRY = ["geo"];
/** What the device knows of each kind of record: it grows with every one. */
const TABLE = /generated\/table\.ts$/;
const CORE_BYTES_MAX = 15 * 1024;
const CORE_AND_TABLE_BYTES_MAX = 18 * 1024;
const GEOMETRY_BYTES_MAX = 7_424;
const SCRIPT_BYTES_MAX = { app: 99 * 1024, desk: 110 * 1024 };
/** What one phone loads of an app before it shows anything, and with the other language behind it. */
const LOAD_BYTES_MAX = { app: 120 * 1024, desk: 138 * 1024 };
const ALL_BYTES_MAX = { app: 132 * 1024, desk: 154 * 1024 };
/** In threads beside each other: brotli takes most of the build. */
const brotli = promisify(brotliCompress);
/** One for every place: whoever shows it smaller scales it down. */
const ICON_SIZE = 512;
const APPS = [
  { name: "app", title: "Outrider", shortcuts: [{ name: "客户 Customers", url: "customers" }] },
  { name: "desk", title: "Outrider Desk", shortcuts: [] },
];
const BUNDLED = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: ["es2022", "safari16.4"],
  legalComments: "none",
  logLevel: "warning",
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  tsconfigRaw: {},
};

const { values: asked } = parseArgs({
  options: {
    sizes: { type: "boolean" },
    "check-size": { type: "boolean" },
    out: { type: "string", default: `${HERE}dist` },
    edition: { type: "string", default: "" },
  },
});

if (!asked["check-size"]) {
  await Promise.all([...APPS.map(async (app) => write(`${asked.out}/${app.name}/`, await made(app))), landing()]);
}
if (asked.sizes || asked["check-size"]) process.exitCode = told(await measured());

/** Every file of one app: name → bytes. */
async function made({ name, title, shortcuts }) {
  const words = wordsOf(HERE, name === "app" ? spared() : undefined);
  const script = async (path, more) => words.placed(String(await bundled({ entryPoints: [path], plugins: [words.plugin], ...more })));
  const css = await bundled({ entryPoints: [`${name}/${name}.css`], external: ["./icon.svg"] });
  const draft = await script(`${name}/main.tsx`);
  const worker = await script("shell/worker.ts", { format: "iife" });
  const texts = new Map(Object.entries(words.lines).map(([language, lines]) => [language, Buffer.from(lines.join("\n"))]));
  const svg = readFileSync(`${HERE}shell/icon.svg`);
  const template = readFileSync(`${HERE}shell/index.html`);
  const manifest = Buffer.from(JSON.stringify(manifestOf(name, title, shortcuts)));
  const version = digest([css, draft, svg, template, manifest, worker, ...texts.values(), asked.edition]).slice(0, 8);
  const textsIn = Object.fromEntries([...texts].map(([language, body]) => [language, hashed(`${language}.txt`, body)]));
  const told = { __VERSION__: version, __APP__: name, __WORDS__: textsIn };
  const js = filled(draft, told);
  const [cssName, jsName] = [hashed(`${name}.css`, css), hashed(`${name}.js`, js)];
  const places = { BASE: `/${name}/`, TITLE: title, CSS: cssName, JS: jsName };
  const index = template.toString().replace(/%([A-Z]+)%/g, (_, place) => places[place]);
  const files = new Map([
    [cssName, css],
    [jsName, js],
    ...[...texts].map(([language, body]) => [textsIn[language], body]),
    ["app.webmanifest", manifest],
    ["icon.svg", svg],
    [`icon-${ICON_SIZE}.png`, icon(ICON_SIZE)],
  ]);
  files.set("sw.js", filled(worker, { ...told, __FILES__: ["", ...files.keys()] }));
  files.set("index.html", Buffer.from(index.replace(/\n\s*/g, "")));
  return files;
}

/** Names of fields that the rep's app never shows: only records of the desk have them, and no module of the app names them. */
function spared() {
  const [, names] = /OF_REFERENCE = "([^"]*)"/.exec(readFileSync(`${HERE}client/src/generated/labels.ts`, "utf8"));
  const files = ["app", "shell"].flatMap((folder) =>
    readdirSync(HERE + folder, { recursive: true }).map((file) => `${HERE}${folder}/${file}`),
  );
  const sources = files.filter((file) => /\.tsx?$/.test(file)).map((file) => readFileSync(file, "utf8"));
  return new Set(names.split(" ").filter((one) => !sources.some((source) => source.includes(`"${one}"`))));
}

/** The page at `/`, whose words the server fills in: style and sign stand inside it, so that it is one answer. */
async function landing() {
  const css = (await bundled({ entryPoints: ["landing/landing.css"] })).toString().trim();
  const words = { CSS: css, ICON: readFileSync(`${HERE}shell/icon.svg`, "utf8").trim().replace("<svg", '<svg aria-hidden="true"') };
  const page = readFileSync(`${HERE}landing/page.html`, "utf8").replace(/%([A-Z]+)%/g, (_, word) => words[word]);
  mkdirSync(`${asked.out}/landing`, { recursive: true });
  writeFileSync(`${asked.out}/landing/page.html`, page.replace(/>\s+</g, "><"));
}

/** Addresses in it are relative to where it lies; its id alone is relative to the origin. */
function manifestOf(name, title, shortcuts) {
  const png = { src: `icon-${ICON_SIZE}.png`, sizes: `${ICON_SIZE}x${ICON_SIZE}`, type: "image/png" };
  const icons = ["any", "maskable"].map((purpose) => ({ ...png, purpose }));
  const looks = { display: "standalone", background_color: "#f3f5f2", theme_color: "#0a6b50" };
  return { id: `${name}/`, name: title, short_name: title, start_url: "./", scope: "./", ...looks, shortcuts, icons };
}

async function bundled(options) {
  return Buffer.from((await build({ ...BUNDLED, ...options })).outputFiles[0].contents);
}

/** What is known only after all is built, written where the script names it. */
function filled(draft, told) {
  return Buffer.from(Object.entries(told).reduce((text, [name, value]) => text.replaceAll(name, `(${JSON.stringify(value)})`), draft));
}

function digest(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(String(part.length)).update(part);
  return hash.digest("hex");
}

function hashed(name, body) {
  return name.replace(/(\.\w+)$/, `-${digest([body]).slice(0, 10)}$1`);
}

/** Words and styles take less room in the mode that was made for fonts (measured: 35 bytes), scripts in the common one. */
function squeezed(body, mode = constants.BROTLI_MODE_GENERIC) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_MODE]: mode,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  };
  return brotli(body, { params });
}

/** Each text also compressed, so that the server never has to. */
async function write(folder, files) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const compressed = async ([name, body]) => {
    writeFileSync(folder + name, body);
    if (name.endsWith(".png")) return;
    writeFileSync(`${folder}${name}.gz`, gzipSync(body, { level: 9 }));
    writeFileSync(`${folder}${name}.br`, await squeezed(body, /\.(css|txt)$/.test(name) ? constants.BROTLI_MODE_FONT : undefined));
  };
  await Promise.all([...files].map(compressed));
}

/** Folders of the client as they weigh inside an app: every export is used, and none needs its name. */
async function whole(folders, plugins = []) {
  const modules = folders.flatMap((folder) => readdirSync(`${HERE}client/src/${folder}`).map((name) => `client/src/${folder}/${name}`));
  const entryPoints = modules.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  const { metafile } = await build({ ...BUNDLED, entryPoints, outdir: "core", metafile: true });
  const names = Object.values(metafile.outputs).map(({ entryPoint, exports }, at) => ({ entryPoint, exports, at }));
  const imports = names.map(({ entryPoint, exports, at }) => {
    return `import { ${exports.map((name) => `${name} as ${name}${at}`)} } from "./${entryPoint}";`;
  });
  const used = names.flatMap(({ exports, at }) => exports.map((name) => name + at));
  const contents = `${imports.join("")}globalThis.core = [${used}];`;
  return (await squeezed(await bundled({ stdin: { contents, resolveDir: HERE, loader: "ts" }, plugins }))).length;
}

/** [what, bytes as brotli, bytes allowed] of the client's core and geometry, and of each app: scripts, what one phone loads, and all. */
async function measured() {
  const empty = { contents: 'export const KINDS = "", SHAPES = [];' };
  const bare = { name: "bare", setup: ({ onLoad }) => onLoad({ filter: TABLE }, () => empty) };
  const lines = [
    ["client core", await whole(CORE, [bare]), CORE_BYTES_MAX],
    ["client core with the table of kinds", await whole(CORE), CORE_AND_TABLE_BYTES_MAX],
    ["client geometry", await whole(GEOMETRY), GEOMETRY_BYTES_MAX],
  ];
  for (const { name } of APPS) {
    const small = readdirSync(`${asked.out}/${name}`).filter((file) => file.endsWith(".br") || file.endsWith(".png"));
    const sum = (wanted) => small.filter(wanted).reduce((bytes, file) => bytes + readFileSync(`${asked.out}/${name}/${file}`).length, 0);
    lines.push([`${name} scripts`, sum((file) => file.endsWith(".js.br")), SCRIPT_BYTES_MAX[name]]);
    const one = Math.max(...LANGUAGES.map((language) => sum((file) => !OF_A_LANGUAGE.test(file) || file.startsWith(`${language}-`))));
    lines.push([`${name} in one language`, one, LOAD_BYTES_MAX[name]]);
    lines.push([`${name} in both languages`, sum(() => true), ALL_BYTES_MAX[name]]);
  }
  return lines;
}

/** How many lines are over their budget. */
function told(lines) {
  const over = lines.filter(([, bytes, most]) => bytes > most);
  for (const [what, bytes, most] of asked.sizes ? lines : over) {
    const bound = most < Infinity ? `, at most ${most}` : "";
    console.log(`${what}: ${bytes} bytes brotli${bound}${bytes > most ? ": over its budget, so make it smaller" : ""}`);
  }
  return over.length;
}
