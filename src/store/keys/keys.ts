/** Hashes of the values that history can be asked for. The kind is part of the hash: pid 7 is not a path named 7. */

import { encodeText } from "../../events/index.ts";

export const KeyKind = { rule: 1, pid: 2, comm: 3, path: 4 } as const;
export type KeyKind = (typeof KeyKind)[keyof typeof KeyKind];

const PRIME = 0x01000193;

/** FNV-1a with a last mixing step; these hashes are kept in files, so they never change. */
export function hashBytes(kind: KeyKind, bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ kind;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
  return mix(hash);
}

export function hashText(kind: KeyKind, text: string): number {
  const bytes = encodeText(text);
  return hashBytes(kind, bytes, 0, bytes.length);
}

export function hashNumber(kind: KeyKind, value: number): number {
  return mix(Math.imul(value, 0x9e3779b1) ^ kind);
}

function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
