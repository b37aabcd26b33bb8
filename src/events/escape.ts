/**
 * The one place where text of other programs (file names, thread names) becomes output. Quoted text is escaped
 * as strace does, so a file name can neither end the line, nor close the quotes, nor send a terminal commands.
 */
import { TextBuffer } from "./text-buffer.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const SEVEN = 0x37;

/** Per byte: 0 as it is, 1 octal, else the letter after the backslash. */
const ESCAPES = new Uint8Array(256).fill(1);
ESCAPES.fill(0, 0x20, 0x7f);
for (const [byte, letter] of [
  [0x09, "t"],
  [0x0a, "n"],
  [0x0b, "v"],
  [0x0c, "f"],
  [0x0d, "r"],
  [QUOTE, '"'],
  [BACKSLASH, "\\"],
] as const) {
  ESCAPES[byte] = letter.charCodeAt(0);
}

/** Longest form of one byte: `\377`. */
const MAX_ESCAPE = 4;

/** `"…"`, with `...` behind it if there was more than was read. */
export function writeQuoted(
  out: TextBuffer,
  memory: Uint8Array,
  start: number,
  end: number,
  isTruncated: boolean,
): void {
  out.byte(QUOTE);
  writeEscaped(out, memory, start, end);
  out.byte(QUOTE);
  if (isTruncated) for (let i = 0; i < 3; i++) out.byte(0x2e);
}

/** `["…", "…"]` of texts that lie in the memory; where there was more, `...` stands behind the last. */
export function writeQuotedList(
  out: TextBuffer,
  memory: Uint8Array,
  texts: readonly (readonly [start: number, end: number])[],
  isTruncated: boolean,
): void {
  out.byte(0x5b);
  for (const [i, [start, end]] of texts.entries()) {
    if (i > 0) out.string(", ");
    writeQuoted(out, memory, start, end, isTruncated && i === texts.length - 1);
  }
  out.byte(0x5d);
}

/** The same as a string of its own, of `most` bytes at most. */
export function quoted(bytes: Uint8Array, most: number = bytes.length): string {
  const out = new TextBuffer(most + 8);
  writeQuoted(out, bytes, 0, Math.min(bytes.length, most), bytes.length > most);
  return Buffer.from(out.view()).toString("latin1");
}

/** The same without the quotes, for names that print bare. */
export function writeEscaped(
  out: TextBuffer,
  memory: Uint8Array,
  start: number,
  end: number,
): void {
  out.reserve((end - start) * MAX_ESCAPE);
  const { bytes } = out;
  let at = out.length;
  for (let i = start; i < end; i++) {
    const byte = memory[i] as number;
    const form = ESCAPES[byte] as number;
    if (form === 0) {
      bytes[at++] = byte;
      continue;
    }
    bytes[at++] = BACKSLASH;
    if (form > 1) {
      bytes[at++] = form;
      continue;
    }
    // the shortest octal form, except where a digit follows that would be taken for a part of it
    const next = i + 1 < end ? (memory[i + 1] as number) : 0;
    const isPadded = next >= ZERO && next <= SEVEN;
    if (isPadded || byte > 0o77) bytes[at++] = ZERO + (byte >> 6);
    if (isPadded || byte > 0o7) bytes[at++] = ZERO + ((byte >> 3) & 7);
    bytes[at++] = ZERO + (byte & 7);
  }
  out.length = at;
}
