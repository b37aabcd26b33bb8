/**
 * Bytes of other programs as JSON text. Linux strings are bytes, mostly UTF-8 but not by any promise. A byte that
 * is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, so that two different file names never
 * look the same and the bytes can be had back (Python's "surrogateescape"). The same rule applies to both
 * functions: JSON.parse of what writeJsonString writes is what decodeText returns.
 */
import { isInvisible } from "../base/invisible.ts";
import type { TextBuffer } from "./text-buffer.ts";

const LONE = 0xdc00;
const HEX = new TextEncoder().encode("0123456789abcdef");
/** A byte, or the second half of another character. */
const ESCAPED = /[\udc80-\udcff]/;
const ESCAPED_ALONE = /^[\udc80-\udcff]$/;
const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function decodeText(memory: Uint8Array, start: number, end: number): string {
  try {
    return strict.decode(memory.subarray(start, end));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  let text = "";
  for (let i = start; i < end; ) {
    const size = sequenceLength(memory, i, end);
    if (size === 0) text += String.fromCharCode(LONE + (memory[i++] as number));
    else {
      text += strict.decode(memory.subarray(i, i + size));
      i += size;
    }
  }
  return text;
}

/** Undoes `decodeText`; other lone surrogates become U+FFFD. */
export function encodeText(text: string): Uint8Array {
  if (!ESCAPED.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    if (ESCAPED_ALONE.test(character)) bytes.push(character.charCodeAt(0) - LONE);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

export function writeJsonString(
  out: TextBuffer,
  memory: Uint8Array,
  start: number,
  end: number,
): void {
  out.reserve((end - start) * 6 + 2);
  out.byte(0x22);
  for (let i = start; i < end; ) {
    const byte = memory[i] as number;
    if (byte >= 0x20 && byte < 0x7f) {
      if (byte === 0x22 || byte === 0x5c) out.bytes[out.length++] = 0x5c;
      out.bytes[out.length++] = byte;
      i++;
    } else if (byte <= 0x7f) {
      writeUnit(out, byte);
      i++;
    } else i += writeSequence(out, memory, i, end);
  }
  out.byte(0x22);
}

/** Writes one sequence of non-ASCII bytes and returns its length. */
function writeSequence(out: TextBuffer, memory: Uint8Array, at: number, end: number): number {
  const size = sequenceLength(memory, at, end);
  if (size === 0) {
    writeUnit(out, LONE + (memory[at] as number));
    return 1;
  }
  const codePoint = codePointAt(memory, at, size);
  if (!isInvisible(codePoint)) {
    for (let i = 0; i < size; i++) out.bytes[out.length++] = memory[at + i] as number;
  } else if (size < 4) writeUnit(out, codePoint);
  else {
    writeUnit(out, 0xd800 + ((codePoint - 0x1_0000) >> 10));
    writeUnit(out, 0xdc00 + (codePoint & 0x3ff));
  }
  return size;
}

function writeUnit(out: TextBuffer, unit: number): void {
  out.bytes[out.length++] = 0x5c;
  out.bytes[out.length++] = 0x75;
  for (let shift = 12; shift >= 0; shift -= 4) {
    out.bytes[out.length++] = HEX[(unit >> shift) & 15] as number;
  }
}

function codePointAt(memory: Uint8Array, at: number, size: number): number {
  let codePoint = (memory[at] as number) & (0x7f >> size);
  for (let i = 1; i < size; i++) codePoint = (codePoint << 6) | ((memory[at + i] as number) & 0x3f);
  return codePoint;
}

/** Length of the valid UTF-8 sequence at `at`; 0: there is none (overlong, surrogate, cut, stray). */
function sequenceLength(memory: Uint8Array, at: number, end: number): number {
  const first = memory[at] as number;
  if (first < 0x80) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + size > end) return 0;
  for (let i = 1; i < size; i++) if (((memory[at + i] as number) & 0xc0) !== 0x80) return 0;
  const second = memory[at + 1] as number;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return size;
}
