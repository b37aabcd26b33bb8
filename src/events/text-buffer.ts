/**
 * Growing byte buffer that lines are written into. Everything on the way from a record to standard output
 * writes bytes here, so that a million events a second make no strings for the garbage collector.
 */
const MINUS = 0x2d;
const ZERO = 0x30;
/** Words of a 64-bit number beyond this make a number that a double cannot hold exactly. */
const SAFE_HIGH = 0x1f_ffff;
const TWO_32 = 4_294_967_296;
/** Digits of the longest integer that `integer` writes, 2^53, and the sign. */
const MAX_INTEGER_LENGTH = 17;

const encoder = new TextEncoder();

export class TextBuffer {
  /** Only [0, length) is text; replaced when it grows. */
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
  }

  clear(): void {
    this.length = 0;
  }

  /** The text so far, as a view that the next write may change. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room for `count` more bytes; callers may then write to `bytes` themselves and move `length`. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  append(text: Uint8Array): void {
    const count = text.length;
    this.reserve(count);
    const { bytes } = this;
    let at = this.length;
    // most pieces are a few bytes: a loop beats the call of set()
    if (count <= 32) for (let i = 0; i < count; i++) bytes[at++] = text[i] as number;
    else bytes.set(text, at);
    this.length += count;
  }

  /** For text known when a formatter is made, prefer `append` of its bytes. */
  string(text: string): void {
    this.append(encoder.encode(text));
  }

  /** Any integer that a double holds exactly. */
  integer(value: number): void {
    this.reserve(MAX_INTEGER_LENGTH);
    let rest = value;
    if (rest < 0) {
      this.bytes[this.length++] = MINUS;
      rest = -rest;
    }
    this.#digits(rest, digitCount(rest));
  }

  /** At least `width` digits, with zeros in front; `value` is not negative. */
  padded(value: number, width: number): void {
    const count = Math.max(width, digitCount(value));
    this.reserve(count);
    this.#digits(value, count);
  }

  /** A 64-bit number given as its two 32-bit words, as signed decimal. */
  int64(low: number, high: number): void {
    const top = high | 0;
    if (top >= -SAFE_HIGH && top <= SAFE_HIGH) this.integer(top * TWO_32 + (low >>> 0));
    else this.string(BigInt.asIntN(64, toBigInt(low, high)).toString());
  }

  uint64(low: number, high: number): void {
    const top = high >>> 0;
    if (top <= SAFE_HIGH) this.integer(top * TWO_32 + (low >>> 0));
    else this.string(toBigInt(low, high).toString());
  }

  /** `0x…` without leading zeros. */
  hex(low: number, high: number): void {
    this.reserve(18);
    this.bytes[this.length++] = ZERO;
    this.bytes[this.length++] = 0x78;
    let started = false;
    for (let shift = 60; shift >= 0; shift -= 4) {
      const digit = shift >= 32 ? (high >>> (shift - 32)) & 15 : (low >>> shift) & 15;
      if (digit === 0 && !started && shift > 0) continue;
      started = true;
      this.bytes[this.length++] = digit < 10 ? ZERO + digit : 0x57 + digit;
    }
  }

  #digits(value: number, count: number): void {
    const { bytes } = this;
    let rest = value;
    let at = this.length + count;
    this.length = at;
    for (let left = count; left > 0; left--) {
      const next = rest < 0x8000_0000 ? (rest / 10) | 0 : Math.floor(rest / 10);
      bytes[--at] = ZERO + (rest - next * 10);
      rest = next;
    }
  }
}

export function toBigInt(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}
