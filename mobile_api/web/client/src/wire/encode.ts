/**
 * Writes MessagePack as the protocol uses it: nil, booleans, integers up to 2^53, text, bytes, arrays, maps with text keys.
 * No extension types, no floats.
 */

import { Malformed } from "./decode.ts";
import { byCodePoint } from "./text.ts";

/** Bytes that are MessagePack already and are spliced as they are. */
export class Raw {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

const TEXT_OUT = new TextEncoder();
/** `TextEncoder` puts U+FFFD in its place without a word. */
const LONE = /[\ud800-\udfff]/u;

/** Canonical: keys of maps sorted, each integer in its shortest form. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.value(value);
  return writer.done();
}

class Writer {
  private bytes = new Uint8Array(256);
  private at = 0;

  done(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.at);
  }

  value(value: unknown): void {
    if (value === null || value === undefined) this.byte(0xc0);
    else if (typeof value === "boolean") this.byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.integer(value);
    else if (typeof value === "string") this.text(value);
    else if (value instanceof Raw) this.splice(value.bytes);
    else if (value instanceof Uint8Array) this.binary(value);
    else if (Array.isArray(value)) this.array(value);
    else this.map(value as Record<string, unknown>);
  }

  private room(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }

  private byte(byte: number): void {
    this.room(1);
    this.bytes[this.at++] = byte;
  }

  private head(code: number, value: number, width: 1 | 2 | 4): void {
    this.byte(code);
    for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) this.byte((value >>> shift) & 0xff);
  }

  private splice(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  private integer(value: number): void {
    if (!Number.isSafeInteger(value)) throw new Malformed(`${value} is no integer that the protocol carries`);
    if (value >= 0) {
      if (value < 0x80) this.byte(value);
      else if (value < 0x100) this.head(0xcc, value, 1);
      else if (value < 0x10000) this.head(0xcd, value, 2);
      else if (value < 0x100000000) this.head(0xce, value, 4);
      else this.long(0xcf, value);
    } else if (value >= -0x20) this.byte(0x100 + value);
    else if (value >= -0x80) this.head(0xd0, value, 1);
    else if (value >= -0x8000) this.head(0xd1, value, 2);
    else if (value >= -0x80000000) this.head(0xd2, value, 4);
    else this.long(0xd3, value);
  }

  private long(code: number, value: number): void {
    this.byte(code);
    this.room(8);
    new DataView(this.bytes.buffer).setBigInt64(this.at, BigInt(value));
    this.at += 8;
  }

  private text(value: string): void {
    const bytes = TEXT_OUT.encode(value);
    const size = bytes.length;
    if (size !== value.length && LONE.test(value)) throw new Malformed("a text with half a character");
    if (size < 0x20) this.byte(0xa0 | size);
    else if (size < 0x100) this.head(0xd9, size, 1);
    else if (size < 0x10000) this.head(0xda, size, 2);
    else this.head(0xdb, size, 4);
    this.splice(bytes);
  }

  private binary(bytes: Uint8Array): void {
    const size = bytes.length;
    if (size < 0x100) this.head(0xc4, size, 1);
    else if (size < 0x10000) this.head(0xc5, size, 2);
    else this.head(0xc6, size, 4);
    this.splice(bytes);
  }

  private array(parts: readonly unknown[]): void {
    const size = parts.length;
    if (size < 0x10) this.byte(0x90 | size);
    else if (size < 0x10000) this.head(0xdc, size, 2);
    else this.head(0xdd, size, 4);
    for (const part of parts) this.value(part);
  }

  private map(entries: Record<string, unknown>): void {
    const keys = Object.keys(entries)
      .filter((key) => entries[key] !== undefined)
      .sort(byCodePoint);
    const size = keys.length;
    if (size < 0x10) this.byte(0x80 | size);
    else if (size < 0x10000) this.head(0xde, size, 2);
    else this.head(0xdf, size, 4);
    for (const key of keys) {
      this.text(key);
      this.value(entries[key]);
    }
  }
}
