/** Where texts of the block lie in the record. */
import { R5, R9, R10, type Register } from "../../bpf/asm/index.ts";
import { RECORD_HEADER_SIZE } from "../../events/layout.ts";
import type { TextSource } from "../plan/block.ts";
import { sourceKey } from "../plan/texts.ts";
import type { Context } from "./context.ts";

export interface EntryAddress {
  readonly base: Register;
  readonly offset: number;
}

/** Address of entry `k`; may use r5. */
export function entryPlace(c: Context, k: number): EntryAddress {
  if (k === 0) return { base: R9, offset: RECORD_HEADER_SIZE };
  c.a.load("u64", R5, R10, stringOffsetSlot(c, k)).add(R5, R9);
  return { base: R5, offset: 0 };
}

/** Position of the string among those that the block reads early. */
export function stringIndex(c: Context, source: TextSource): number {
  const key = sourceKey(source);
  return c.block.strings.findIndex((slot) => sourceKey(slot.source) === key);
}

export function stringOffsetSlot(c: Context, k: number): number {
  const slot = k === c.block.strings.length ? c.tailEnd : c.stringOffsets[k];
  if (slot === undefined) throw new Error(`no stack slot for string ${k}`);
  return slot;
}

/** An entry without text: its TailStatus, and no length. The id of an entry is 0 while a program decides. */
export function setEntryStatus({ a }: Context, place: () => EntryAddress, status: number): void {
  const { base, offset } = place();
  a.store("u64", base, offset, status << 16);
}
