/** Builds the npm package into `dist/`: JavaScript modules that need no building, and their types. `npm pack` runs it. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const DIST = `${HERE}dist`;
/** As `exports` in package.json names them. */
const ENTRIES = ["index", "generated/words", "storage/memory", "storage/indexed", "storage/sqlite", "storage/keychain", "storage/users"];

if (!existsSync(`${HERE}src/generated/schema.ts`)) {
  throw new Error(
    "src/generated/schema.ts is not there. It is made from shared_schema: run `make setup` in the repository's folder first.",
  );
}
rmSync(DIST, { recursive: true, force: true });
await build({
  entryPoints: ENTRIES.map((name) => `${HERE}src/${name}.ts`),
  outdir: DIST,
  outbase: `${HERE}src`,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  logLevel: "warning",
  tsconfigRaw: {},
});
declare();

/** Types beside the modules. Their imports name TypeScript sources, which are not in the package. */
function declare() {
  const folder = createRequire(import.meta.url)
    .resolve("typescript/package.json")
    .replace(/package\.json$/, "");
  execFileSync(process.execPath, [`${folder}bin/tsc`, "-p", `${HERE}tsconfig.package.json`], { stdio: "inherit" });
  const told = readdirSync(DIST, { recursive: true }).filter((name) => name.endsWith(".d.ts"));
  for (const name of told) {
    const path = `${DIST}/${name}`;
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
}
