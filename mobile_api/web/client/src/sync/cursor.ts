/** The name of a cursor in an answer, by which a late answer is recognised (P-604). The cursor itself is opaque to a device. */

import { sha256 } from "../wire/digest.ts";

const DIGEST_BYTES = 8;

export function digest(cursor: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(cursor).slice(0, DIGEST_BYTES);
}
