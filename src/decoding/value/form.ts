/** What lies in memory: so many bytes, and the text of them. Pointers, lists and structs are made of forms. */
import type { Decoding } from "../context.ts";
import type { Show } from "../piece.ts";
import { formatPointer } from "./number.ts";

export interface MemoryForm {
  size(call: Decoding): number;
  /** Text of the bytes, of which there are `size`. */
  format(call: Decoding, bytes: Uint8Array): string;
}

/** As wide as a pointer of the ABI; an address with other bits above is none of i386. */
export function addressOf(call: Decoding, value: bigint): bigint {
  return call.word === 4 ? BigInt.asUintN(32, value) : BigInt.asUintN(64, value);
}

/** All `size` bytes; undefined: they cannot be read, or the call has failed and they say nothing. */
export function fetchBytes(call: Decoding, address: bigint, size: number): Uint8Array | undefined {
  if (address === 0n || call.hasFailed) return undefined;
  const bytes = call.memory.read(address, size);
  return bytes === undefined || bytes.length < size ? undefined : bytes;
}

/** What the pointer leads to, or the address. */
export function pointerTo(form: MemoryForm): Show {
  return (call, value) => {
    const address = addressOf(call, value);
    const bytes = fetchBytes(call, address, form.size(call));
    return bytes === undefined ? formatPointer(address) : form.format(call, bytes);
  };
}

/** A number behind a pointer: `[3]`. */
export function pointerToNumber(form: MemoryForm): Show {
  return (call, value) => {
    const address = addressOf(call, value);
    const bytes = fetchBytes(call, address, form.size(call));
    return bytes === undefined ? formatPointer(address) : `[${form.format(call, bytes)}]`;
  };
}

/** Little-endian, sign extended where it is signed. */
export function readNumber(
  bytes: Uint8Array,
  offset: number,
  size: number,
  signed = false,
): bigint {
  let low = 0;
  const first = Math.min(size, 4);
  for (let i = first - 1; i >= 0; i -= 1) low = low * 256 + (bytes[offset + i] ?? 0);
  let value = BigInt(low);
  if (size === 8) {
    let high = 0;
    for (let i = 7; i >= 4; i -= 1) high = high * 256 + (bytes[offset + i] ?? 0);
    value |= BigInt(high) << 32n;
  }
  return signed ? BigInt.asIntN(8 * size, value) : value;
}

/** In network order. */
export function readBig(bytes: Uint8Array, offset: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i += 1) value = value * 256 + (bytes[offset + i] ?? 0);
  return value;
}

/** A number of `size` bytes, or of a word of the ABI. */
export function numberForm(size: 1 | 2 | 4 | 8 | "word", show: Show, signed = false): MemoryForm {
  const width = (call: Decoding): number => (size === "word" ? call.word : size);
  return {
    size: width,
    format: (call, bytes) => show(call, readNumber(bytes, 0, width(call), signed)),
  };
}
