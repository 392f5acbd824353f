/** Ids as text in the app, as 16 bytes on the wire; other bytes as base64url. */

const HEX: string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DASH_BEFORE = new Set([4, 6, 8, 10]);

export function idText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at++) text += (DASH_BEFORE.has(at) ? "-" : "") + HEX[bytes[at]!];
  return text;
}

export function isId(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
}

export function idBytes(text: string): Uint8Array {
  const digits = text.replaceAll("-", "");
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(digits.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

/** base64url without padding; by hand, because `btoa` is no part of the language and React Native lacks it. */
export function bytesText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const bits = (first << 16) | (second << 8) | third;
    for (let shift = 18, left = bytes.length - at + 1; shift >= 0 && left > 0; shift -= 6, left -= 1)
      text += BASE64URL[(bits >> shift) & 63];
  }
  return text;
}

/** The bytes of a base64url text. A letter that is none counts as zero. */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  for (let at = 0, bits = 0, held = 0, to = 0; at < text.length; at++) {
    bits = ((bits << 6) | Math.max(0, BASE64URL.indexOf(text[at]!))) & 0xffff;
    held += 6;
    if (held >= 8) bytes[to++] = (bits >> (held -= 8)) & 0xff;
  }
  return bytes;
}

/** A new UUIDv7. */
export function newId(nowMs: number, random: Uint8Array): string {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  for (let at = 5, rest = nowMs; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return idText(bytes);
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
