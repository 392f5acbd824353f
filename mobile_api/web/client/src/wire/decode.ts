/** Reads MessagePack as the protocol uses it; what the protocol does not carry is refused. */

/** Bytes that are no message of the protocol, or a value that it cannot carry. */
export class Malformed extends Error {}

const TEXT_IN = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The one value that these bytes hold. */
export function decode(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (!reader.ended()) throw new Malformed("bytes follow the value");
  return value;
}

/** Reads values one after the other; `raw` hands out the bytes of the next one unopened. */
export class Reader {
  private at = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  ended(): boolean {
    return this.at === this.bytes.length;
  }

  raw(): Uint8Array {
    const from = this.at;
    this.skip();
    return this.bytes.subarray(from, this.at);
  }

  /** Number of parts of the array that begins here. */
  array(): number {
    const code = this.next();
    if (code >= 0x90 && code <= 0x9f) return code & 0x0f;
    if (code === 0xdc) return this.size(2);
    if (code === 0xdd) return this.size(4);
    throw new Malformed("an array was expected");
  }

  value(): unknown {
    const code = this.next();
    if (code < 0x80) return code;
    if (code < 0x90) return this.map(code & 0x0f);
    if (code < 0xa0) return this.parts(code & 0x0f);
    if (code < 0xc0) return this.text(code & 0x1f);
    if (code >= 0xe0) return code - 0x100;
    switch (code) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.binary(this.size(1));
      case 0xc5:
        return this.binary(this.size(2));
      case 0xc6:
        return this.binary(this.size(4));
      case 0xcc:
        return this.size(1);
      case 0xcd:
        return this.size(2);
      case 0xce:
        return this.size(4);
      case 0xcf:
        return this.long(false);
      case 0xd0:
        return this.view.getInt8(this.jump(1));
      case 0xd1:
        return this.view.getInt16(this.jump(2));
      case 0xd2:
        return this.view.getInt32(this.jump(4));
      case 0xd3:
        return this.long(true);
      case 0xd9:
        return this.text(this.size(1));
      case 0xda:
        return this.text(this.size(2));
      case 0xdb:
        return this.text(this.size(4));
      case 0xdc:
        return this.parts(this.size(2));
      case 0xdd:
        return this.parts(this.size(4));
      case 0xde:
        return this.map(this.size(2));
      case 0xdf:
        return this.map(this.size(4));
      default:
        throw new Malformed(`code 0x${code.toString(16)} is not of this protocol`);
    }
  }

  private jump(count: number): number {
    const from = this.at;
    if (from + count > this.bytes.length) throw new Malformed("the bytes are cut short");
    this.at += count;
    return from;
  }

  private next(): number {
    return this.bytes[this.jump(1)]!;
  }

  private size(width: 1 | 2 | 4): number {
    const from = this.jump(width);
    return width === 1 ? this.view.getUint8(from) : width === 2 ? this.view.getUint16(from) : this.view.getUint32(from);
  }

  private long(signed: boolean): number {
    const from = this.jump(8);
    const value = Number(signed ? this.view.getBigInt64(from) : this.view.getBigUint64(from));
    if (!Number.isSafeInteger(value)) throw new Malformed("an integer beyond 2^53");
    return value;
  }

  private text(size: number): string {
    const from = this.jump(size);
    if (size < 24) {
      let text = "";
      for (let at = from; at < from + size; at++) {
        const byte = this.bytes[at]!;
        if (byte >= 0x80) return TEXT_IN.decode(this.bytes.subarray(from, from + size));
        text += String.fromCharCode(byte);
      }
      return text;
    }
    return TEXT_IN.decode(this.bytes.subarray(from, from + size));
  }

  private binary(size: number): Uint8Array {
    const from = this.jump(size);
    return this.bytes.subarray(from, from + size);
  }

  private parts(count: number): unknown[] {
    const parts: unknown[] = [];
    for (let index = 0; index < count; index++) parts.push(this.value());
    return parts;
  }

  private map(count: number): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (let index = 0; index < count; index++) {
      const key = this.value();
      if (typeof key !== "string") throw new Malformed("a key that is no text");
      if (key === "__proto__")
        Object.defineProperty(found, key, { value: this.value(), enumerable: true, writable: true, configurable: true });
      else found[key] = this.value();
    }
    return found;
  }

  private skip(): void {
    let left = 1;
    while (left > 0) {
      left -= 1;
      const code = this.next();
      if (code < 0x80 || code >= 0xe0) continue;
      if (code < 0x90) left += 2 * (code & 0x0f);
      else if (code < 0xa0) left += code & 0x0f;
      else if (code < 0xc0) this.jump(code & 0x1f);
      else if (code === 0xc0 || code === 0xc2 || code === 0xc3) continue;
      else if (code === 0xc4 || code === 0xd9) this.jump(this.size(1));
      else if (code === 0xc5 || code === 0xda) this.jump(this.size(2));
      else if (code === 0xc6 || code === 0xdb) this.jump(this.size(4));
      else if (code === 0xcc || code === 0xd0) this.jump(1);
      else if (code === 0xcd || code === 0xd1) this.jump(2);
      else if (code === 0xce || code === 0xd2) this.jump(4);
      else if (code === 0xcf || code === 0xd3) this.jump(8);
      else if (code === 0xdc) left += this.size(2);
      else if (code === 0xdd) left += this.size(4);
      else if (code === 0xde) left += 2 * this.size(2);
      else if (code === 0xdf) left += 2 * this.size(4);
      else throw new Malformed(`code 0x${code.toString(16)} is not of this protocol`);
    }
  }
}
