/**
 * Reads text arguments into tail entries of the record, one behind the other. String 0 begins at a fixed
 * place; where the others begin depends on the lengths before them and is kept in stack slots.
 *
 * While a program decides, the id of an entry is 0; a report writes the parameter number in.
 */

import { R0, R1, R2, R3, R4, R8, R9, R10 } from "../../bpf/asm/index.ts";
import {
  RECORD_HEADER_SIZE,
  RecordFlag,
  RecordOffset,
  TAIL_ENTRY_HEADER_SIZE,
  TailStatus,
} from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import type { ValueSource } from "../../language/vocabulary.ts";
import { filesOfHook } from "../../linux/index.ts";
import { IDENTITIES, identityOffset, STRING_READ_SIZE } from "../layout/area.ts";
import type { StringSlot, TextField } from "../plan/block.ts";
import { isAtExit } from "../plan/struct-field.ts";
import { isObject } from "../plan/texts.ts";
import { emitBuffer } from "./buffers.ts";
import { emitCheckpoint } from "./checkpoint.ts";
import { emitCmdline } from "./cmdline.ts";
import { emitContainer } from "./container.ts";
import type { Context } from "./context.ts";
import { emitDescriptor } from "./descriptor.ts";
import { emitDirectory } from "./directory.ts";
import { emitList } from "./lists.ts";
import { emitMeanings } from "./meanings.ts";
import { emitHookPath, emitTaskPath } from "./path-walk.ts";
import { type EntryAddress, entryPlace, setEntryStatus, stringOffsetSlot } from "./place.ts";
import { copyHere, readFieldText } from "./struct-field.ts";
import { loadSource } from "./values.ts";

/** Reads all early strings; remembers where each begins and where the tail ends. */
export function readStrings(c: Context): void {
  c.block.strings.forEach((slot, k) => {
    emitStringRead(c, slot, () => entryPlace(c, k));
    storeEnd(c, k);
  });
  if (c.block.strings.length === 0 && c.tailEnd !== undefined) {
    c.a.store("u64", R10, c.tailEnd, RECORD_HEADER_SIZE);
  }
  emitMeanings(c);
}

/**
 * At exit: finds the entries again; from the first that could not be read at entry on, reads again (the
 * lengths change, so what lies behind moves). With `findsFilesAgain` files are found again although they are known.
 */
export function recoverStrings(c: Context, findsFilesAgain = false): void {
  const { a } = c;
  c.block.strings.forEach((slot, k) => {
    const keep = a.newLabel("keep_string");
    const done = a.newLabel("string_there");
    const at = entryPlace(c, k);
    a.load("u16", R1, at.base, at.offset + 2);
    // the program that gave the list has been replaced, and its memory with it
    if (slot.source.kind === "list" && c.stage === "late") a.jump("eq", R8, 0, keep);
    if (!findsFilesAgain || slot.source.kind !== "path")
      a.jump("ne", R1, TailStatus.unreadable, keep);
    // what follows must be read again as well: chain into the same code by marking it
    const following = k + 1 < c.block.strings.length;
    emitStringRead(c, slot, () => entryPlace(c, k));
    storeEnd(c, k);
    if (comesLate(c, slot)) a.store("u32", R9, RecordOffset.flags, RecordFlag.late);
    if (following) {
      const next = entryPlace(c, k + 1);
      a.store("u64", next.base, next.offset, TailStatus.unreadable << 16);
    }
    a.goto(done);
    a.label(keep);
    storeEnd(c, k);
    a.label(done);
  });
  if (c.block.strings.length === 0 && c.tailEnd !== undefined) {
    a.store("u64", R10, c.tailEnd, RECORD_HEADER_SIZE);
  }
  emitMeanings(c);
}

/** A file is always found in a hook, and what the call writes at its end: nothing about that is late. */
function comesLate(c: Context, slot: StringSlot): boolean {
  return slot.source.kind !== "path" && !isAtExit(slot) && !isCopied(c, slot);
}

/** The hook has a copy of the struct that the text is in. */
function isCopied(c: Context, { source }: StringSlot): boolean {
  return source.kind === "field" && copyHere(c, source) !== undefined;
}

/** Without a call only names of kernel objects can be read; texts that the caller gave cannot. */
export function readObjects(c: Context): void {
  c.block.strings.forEach((slot, k) => {
    const place = (): EntryAddress => entryPlace(c, k);
    if (isObject(slot.source) || isCopied(c, slot)) emitStringRead(c, slot, place);
    else setEntryStatus(c, place, TailStatus.unreadable);
    storeEnd(c, k);
  });
  if (c.block.strings.length === 0 && c.tailEnd !== undefined) {
    c.a.store("u64", R10, c.tailEnd, RECORD_HEADER_SIZE);
  }
  emitMeanings(c);
}

/** Emits the read of one string into the entry whose address `place` emits. */
export function emitStringRead(c: Context, slot: StringSlot, place: () => EntryAddress): void {
  const { a } = c;
  const { source } = slot;
  if (source.kind === "exe" || source.kind === "cwd") {
    emitTaskPath(c, source.kind, place);
    return;
  }
  if (source.kind === "cmdline") {
    emitCmdline(c, place);
    return;
  }
  if (source.kind === "container") {
    emitContainer(c, place);
    return;
  }
  if (source.kind === "fd") {
    emitDescriptor(c, source, place);
    return;
  }
  if (source.kind === "dir") {
    emitDirectory(c, source.dirfd, place);
    return;
  }
  if (isAtExit(slot) && (c.stage === "enter" || c.stage === "hook")) {
    setEntryStatus(c, place, TailStatus.unreadable);
    return;
  }
  if (source.kind === "path") {
    readFile(c, source.nth, place);
    return;
  }
  const unreadable = a.newLabel("string_unreadable");
  const done = a.newLabel("text_read");
  if (source.kind === "buffer") emitBuffer(c, source, place, unreadable);
  else if (source.kind === "list") emitList(c, source, place, unreadable);
  else emitString(c, source, place, unreadable);
  a.goto(done).label(unreadable);
  setEntryStatus(c, place, TailStatus.unreadable);
  a.label(done);
  // each way to it would be followed once more for every text behind
  if (source.kind === "buffer" || source.kind === "list") emitCheckpoint(c);
}

/** A text that a NUL ends. Goes to `unreadable` without an entry. */
function emitString(
  c: Context,
  source: ValueSource | TextField,
  place: () => EntryAddress,
  unreadable: string,
): void {
  const { a } = c;
  const ended = a.newLabel("string_ended");
  const done = a.newLabel("string_read");
  if (source.kind === "absent" || source.kind === "unknown")
    throw new Error("a missing parameter has no text");
  const isNull = a.newLabel("string_null");
  if (source.kind === "field") readFieldText(c, source, place, { missing: isNull, unreadable });
  else {
    loadSource(c, source, unreadable);
    a.mov(R3, R0).jump("eq", R3, 0, isNull);
    const at = place();
    a.mov(R1, at.base)
      .add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE)
      .mov(R2, STRING_READ_SIZE);
    a.call("bpf_probe_read_user_str").jump("slt", R0, 0, unreadable);
  }
  setEntryFromCount(c, place, ended);
  a.goto(done);
  a.label(isNull);
  setEntryStatus(c, place, TailStatus.null);
  a.label(done);
}

/** Only security hooks are given files; a call that reached none named no file that exists. */
function readFile(c: Context, nth: number, place: () => EntryAddress): void {
  const file = c.hook === undefined ? undefined : filesOfHook(c.hook)[nth];
  if (file !== undefined) {
    emitHookPath(c, R8, file, nth, place);
    return;
  }
  // what an earlier call of this thread named must not be taken for the file of this one
  if (nth < IDENTITIES) c.a.store("u64", R9, identityOffset(nth), 0);
  setEntryStatus(c, place, c.stage === "enter" ? TailStatus.unreadable : TailStatus.null);
}

/** r0 = bytes read including the NUL, 1 … STRING_READ_SIZE. Writes status and length. */
export function setEntryFromCount(c: Context, place: () => EntryAddress, label: string): void {
  const { a } = c;
  // an empty string gives 0 rather than 1 before Linux 6.13
  const counted = a.newLabel("string_counted");
  a.jump("ne", R0, 0, counted).mov(R0, 1).label(counted);
  a.sub(R0, 1).mov(R4, TailStatus.ok << 16);
  a.jump("le", R0, MAX_STRING, label);
  a.mov(R0, MAX_STRING).mov(R4, TailStatus.truncated << 16);
  a.label(label);
  a.lsh(R0, 32).or(R4, R0);
  const at = place();
  a.store("u64", at.base, at.offset, R4);
}

/** Where entry `k` is: those before it are there already. May use r5; clobbers r1, r2. */
export function findEntry(c: Context, k: number): EntryAddress {
  for (let before = 0; before < k; before++) storeEnd(c, before);
  return entryPlace(c, k);
}

/** The entry behind one has moved, and is to be read again, as is all that follows. Clobbers r1. */
export function markNext(c: Context, at: EntryAddress): void {
  emitEntrySize(c, at);
  c.a.add(R1, at.base).store("u64", R1, at.offset, TailStatus.unreadable << 16);
}

/** Where the entry behind entry `k` begins. */
export function storeEnd(c: Context, k: number): void {
  const { a } = c;
  const at = entryPlace(c, k);
  emitEntrySize(c, at);
  if (k === 0) a.add(R1, RECORD_HEADER_SIZE);
  else a.load("u64", R2, R10, stringOffsetSlot(c, k)).add(R1, R2);
  a.store("u64", R10, stringOffsetSlot(c, k + 1), R1);
}

/** r1 = size of the entry, padding included; bounded for the verifier. Clobbers r2. */
export function emitEntrySize(c: Context, at: EntryAddress): void {
  const { a } = c;
  const bounded = a.newLabel("length_bounded");
  a.load("u32", R1, at.base, at.offset + 4);
  const over = a.newLabel("length_over");
  // the verifier follows what comes next with any length first, and then knows that of the largest; the other way round it would
  // follow all that comes behind twice for each text. The mov keeps the jump as it is (see bpf/asm/tidy.ts)
  a.jump("gt", R1, MAX_STRING, over).mov(R2, 0).goto(bounded);
  a.label(over).mov(R1, MAX_STRING);
  a.label(bounded);
  a.add(R1, TAIL_ENTRY_HEADER_SIZE + 7).and(R1, -8);
}
