/** Addresses of the internet: `inet_addr("127.0.0.1")`, `inet_pton(AF_INET6, "::1", &sin6_addr)`. */
import type { Decoding } from "../context.ts";
import { readBig } from "./form.ts";
import { escapeHex, quote } from "./text.ts";

export function formatIPv4(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 4)].join(".");
}

/** As inet_ntop(3) has it: the longest run of zeros is left out, and the last 32 bits of a mapped address are IPv4. */
export function formatIPv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => readBig(bytes, 2 * i, 2));
  const run = longestZeros(groups);
  const isMapped =
    run.start === 0 && (run.length === 6 || (run.length === 5 && groups[5] === 0xffff));
  const tail = isMapped ? [formatIPv4(bytes.subarray(12))] : [];
  const texts = [...groups.slice(0, isMapped ? 6 : 8).map((group) => group.toString(16)), ...tail];
  if (run.length < 2) return texts.join(":");
  const before = texts.slice(0, run.start).join(":");
  const after = texts.slice(run.start + run.length).join(":");
  return `${before}::${after}`;
}

function longestZeros(groups: readonly number[]): {
  readonly start: number;
  readonly length: number;
} {
  let best = { start: -1, length: 0 };
  for (let i = 0; i < groups.length; i += 1) {
    let length = 0;
    while (groups[i + length] === 0) length += 1;
    if (length > best.length) best = { start: i, length };
  }
  return best;
}

/** Addresses are ASCII: -xx alone makes another text of them. */
function quoted(call: Decoding, text: string): string {
  return quote(
    Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
    call.options,
  );
}

/** With the name of the member, which inet_pton() takes as an argument. */
export function formatInet4(call: Decoding, name: string, bytes: Uint8Array): string {
  return `${name}=${inStyle(call, bytes, `inet_addr(${quoted(call, formatIPv4(bytes))})`)}`;
}

export function formatInet6(call: Decoding, name: string, bytes: Uint8Array): string {
  const text = `inet_pton(AF_INET6, ${quoted(call, formatIPv6(bytes))}`;
  if (call.options.constants === "abbrev") return `${text}, &${name})`;
  return `${name}=${inStyle(call, bytes, `${text})`)}`;
}

/** By -X: the words, the bytes, or both. */
export function inStyle(call: Decoding, bytes: Uint8Array, words: string): string {
  const { constants } = call.options;
  if (constants === "abbrev") return words;
  const raw = `"${escapeHex(bytes)}"`;
  return constants === "raw" ? raw : `${raw} /* ${words} */`;
}

/** `htons(80)` of two bytes in network order. */
export function formatPort(call: Decoding, bytes: Uint8Array): string {
  return inStyle(call, bytes.subarray(0, 2), `htons(${readBig(bytes, 0, 2)})`);
}
