/** Unpacks the Chromium that the npm package carries into TMPDIR: `chromium`, its fonts, and libraries for a machine that lacks them. */

import chromium, { inflate } from "@sparticuz/chromium";
import { fileURLToPath } from "node:url";

await chromium.executablePath();
await inflate(fileURLToPath(new URL("../bin/al2023.tar.br", import.meta.resolve("@sparticuz/chromium"))));
