/** Strings and buffers in quotes, as a program in C would write them. */
import type { DecodeOptions, Decoding } from "../context.ts";
import type { Show } from "../piece.ts";
import { formatPointer } from "./number.ts";

/** PATH_MAX, the final NUL included. */
const LONGEST_PATH = 4096;
/** However long strings may be shown, no more is read at once. */
const LONGEST_READ = 1 << 20;

const escapes = makeEscapes();

function makeEscapes(): readonly string[] {
  const named = new Map([
    [9, "\\t"],
    [10, "\\n"],
    [11, "\\v"],
    [12, "\\f"],
    [13, "\\r"],
    [34, '\\"'],
    [92, "\\\\"],
  ]);
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = byte >= 32 && byte < 127;
    return named.get(byte) ?? (isPrintable ? String.fromCharCode(byte) : "");
  });
}

/** The bytes in quotes. */
export function quote(bytes: Uint8Array, options: Pick<DecodeOptions, "hex">): string {
  return `"${escapeBytes(bytes, options)}"`;
}

export function escapeBytes(bytes: Uint8Array, { hex }: Pick<DecodeOptions, "hex">): string {
  if (hex === "all" || (hex === "non-ascii" && bytes.some(isForeign))) return escapeHex(bytes);
  const plain = plainText(bytes);
  if (plain !== undefined) return plain;
  let text = "";
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    const known = escapes[byte] ?? "";
    text += known === "" ? escapeOctal(byte, bytes[i + 1]) : known;
  }
  return text;
}

/** Longer ones would be too many parameters. */
const LONGEST_PLAIN = 4096;

/** Most text needs no escapes; undefined: this one does. */
function plainText(bytes: Uint8Array): string | undefined {
  if (bytes.length > LONGEST_PLAIN) return undefined;
  for (const byte of bytes) {
    if (byte < 32 || byte > 126 || byte === 34 || byte === 92) return undefined;
  }
  return String.fromCharCode(...bytes);
}

/** As few digits as can be, unless a digit follows that would be taken for one of them. */
function escapeOctal(byte: number, next: number | undefined): string {
  const isDigit = next !== undefined && next >= 48 && next <= 55;
  return `\\${byte.toString(8).padStart(isDigit ? 3 : 1, "0")}`;
}

function isForeign(byte: number): boolean {
  return byte > 126 || (byte < 32 && (byte < 9 || byte > 13));
}

export function escapeHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += `\\x${byte.toString(16).padStart(2, "0")}`;
  return text;
}

/** Text in a field of a struct: whole, and with dots where it does not end. */
export function quoteField(bytes: Uint8Array, options: DecodeOptions): string {
  const end = bytes.indexOf(0);
  if (end >= 0) return quote(bytes.subarray(0, end), options);
  return `${quote(bytes.subarray(0, bytes.length - 1), options)}...`;
}

/** A string that ends with NUL, up to -s bytes of it. */
export const showString: Show = (call, address) =>
  formatString(call, address, Math.min(call.options.stringLimit, LONGEST_READ));

/** The name of a file, whole whatever -s says. */
export const showPath: Show = (call, address) => formatString(call, address, LONGEST_PATH - 1);

/** Unreadable before its end: only the address says something that is so. */
export function formatString(call: Decoding, address: bigint, limit: number): string {
  const at = call.word === 4 ? BigInt.asUintN(32, address) : address;
  if (at === 0n) return "NULL";
  const bytes = readCString(call, at, limit + 1);
  if (bytes === undefined) return formatPointer(at);
  if (bytes.length <= limit) return quote(bytes, call.options);
  return `${quote(bytes.subarray(0, limit), call.options)}...`;
}

/** Most strings are short: a little is read first. */
const FIRST_READ = 256;

/** Bytes before the NUL; `most` of them where there is none so far; undefined: memory ends before. */
export function readCString(call: Decoding, at: bigint, most: number): Uint8Array | undefined {
  for (let size = Math.min(FIRST_READ, most); ; size = Math.min(size * 8, most)) {
    const bytes = call.memory.read(at, size);
    if (bytes === undefined) return undefined;
    const end = bytes.indexOf(0);
    if (end >= 0) return bytes.subarray(0, end);
    if (bytes.length < size) return undefined;
    if (size === most) return bytes;
  }
}

/** `length` bytes of a buffer, up to -s of them. */
export function formatBuffer(call: Decoding, address: bigint, length: bigint): string {
  return formatBufferWith(call, address, length, call.options);
}

function formatBufferWith(
  call: Decoding,
  address: bigint,
  length: bigint,
  options: DecodeOptions,
): string {
  const at = call.word === 4 ? BigInt.asUintN(32, address) : address;
  if (at === 0n) return "NULL";
  const limit = Math.min(call.options.stringLimit, LONGEST_READ);
  const isCut = length > BigInt(limit);
  const size = isCut ? limit : Number(length);
  if (size === 0) return isCut ? '""...' : '""';
  const bytes = call.memory.read(at, size);
  if (bytes === undefined || bytes.length < size) return formatPointer(at);
  return `${quote(bytes, options)}${isCut ? "..." : ""}`;
}

/** In hex whatever -x says: bytes that are no text. */
export function forceHex(call: Decoding, address: bigint, length: bigint): string {
  if (call.hasFailed) return formatPointer(address);
  const hex = { ...call.options, hex: "all" } as const;
  return formatBufferWith(call, address, length, hex);
}
