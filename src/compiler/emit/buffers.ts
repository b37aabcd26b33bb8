/** Reads buffers: as many bytes as the call says, of which the record has the first MAX_STRING. */
import { PAGE_SIZE } from "../../base/linux-abi.ts";
import { R0, R1, R2, R3, R4, R8, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordOffset, TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import { wordSize } from "../../linux/index.ts";
import type { BufferSource } from "../plan/block.ts";
import type { Context } from "./context.ts";
import { gather } from "./gather.ts";
import { type EntryAddress, setEntryStatus } from "./place.ts";
import { extend, loadSource } from "./values.ts";
import { loadVectorLength, type VectorParts, vectorInArguments } from "./vector-length.ts";

/**
 * Into the entry whose address `place` emits; it may use r5 alone. Goes to `unreadable` without an entry. What is missing is
 * found in the order in which readBuffer() finds it.
 */
export function emitBuffer(
  c: Context,
  source: BufferSource,
  place: () => EntryAddress,
  unreadable: string,
): void {
  const { a } = c;
  const none = a.newLabel("no_buffer");
  const done = a.newLabel("buffer_read");
  // an operation of io_uring has no registers that lead anywhere
  if (c.isRing) {
    a.goto(unreadable);
    return;
  }
  const { pointer, length } = source;
  // address, length, and how much of that is read; of a vector that is found here, where it is and how long
  const found = pointer.data === undefined ? 0 : VECTOR_SLOTS;
  c.stack.with(3 + found, (slot) => {
    const vector = vectorOf(c, source, slot + 24);
    if (pointer.data !== undefined) findVector(c, pointer, slot + 24, none, unreadable);
    if (vector !== undefined) loadVectorLength(c, vector, unreadable);
    else {
      loadParam(c, pointer, none, unreadable);
      if (wordSize(c.block.abi) === 4) a.mov32(R0, R0);
      a.jump("eq", R0, 0, none).store("u64", R10, slot, R0);
      if (length === undefined) throw new Error("a buffer without a length is a string");
      loadParam(c, length, none, unreadable);
      if (length.type.size < 8 || length.type.signed) a.jump("slt", R0, 0, unreadable);
    }
    if (source.isFilled) {
      const fits = a.newLabel("length_known");
      loadReturnValue(c);
      a.jump("slt", R1, 0, none).jump("le", R0, R1, fits).mov(R0, R1).label(fits);
    }
    const read = a.newLabel("length_to_read");
    const empty = a.newLabel("buffer_empty");
    a.store("u64", R10, slot + 8, R0)
      .jump("le", R0, MAX_STRING, read)
      .mov(R0, MAX_STRING);
    a.label(read)
      .store("u64", R10, slot + 16, R0)
      .jump("eq", R0, 0, empty);
    const at = place();
    if (vector !== undefined) gather(c, vector, at, slot + 16, unreadable);
    else {
      a.mov(R1, at.base).add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE);
      a.mov(R2, R0).load("u64", R3, R10, slot).call("bpf_probe_read_user");
      // what is not in memory yet may be there when the rule is asked again
      if (c.stage === "enter") a.jump("ne", R0, 0, unreadable);
      else {
        a.jump("eq", R0, 0, empty);
        readFirstPage(c, slot, place, unreadable);
      }
    }
    a.label(empty);
    const whole = a.newLabel("buffer_whole");
    a.load("u64", R4, R10, slot + 16).load("u64", R1, R10, slot + 8);
    a.lsh(R4, 32)
      .jump("le", R1, MAX_STRING, whole)
      .or(R4, TailStatus.truncated << 16);
    a.label(whole);
    const entry = place();
    a.store("u64", entry.base, entry.offset, R4).goto(done);
  });
  a.label(none);
  setEntryStatus(c, place, TailStatus.null);
  a.label(done);
}

/** What lies in the first page of a buffer that cannot be read as a whole; as of one that is longer than a text may be. */
function readFirstPage(
  c: Context,
  slot: number,
  place: () => EntryAddress,
  unreadable: string,
): void {
  const { a } = c;
  a.load("u64", R3, R10, slot).mov(R2, R3).xor(R2, -1);
  a.and(R2, PAGE_SIZE - 1).add(R2, 1);
  a.load("u64", R1, R10, slot + 16).jump("ge", R2, R1, unreadable);
  a.store("u64", R10, slot + 16, R2);
  a.mov(R1, MAX_STRING + 1).store("u64", R10, slot + 8, R1);
  const at = place();
  a.mov(R1, at.base).add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE);
  a.call("bpf_probe_read_user").jump("ne", R0, 0, unreadable);
}

/** Its elements; undefined: the buffer is in one piece. */
function vectorOf(
  c: Context,
  { pointer: { source, data } }: BufferSource,
  slot: number,
): VectorParts | undefined {
  if (data !== undefined)
    return {
      word: wordSize(c.block.abi),
      loadStart: (to) => c.a.load("u64", to, R10, slot),
      loadCount: (to) => c.a.load("u64", to, R10, slot + 8),
    };
  if (source.kind !== "memory" || source.vector === undefined) return undefined;
  return vectorInArguments(c, { ...source, vector: source.vector });
}

/** Address and number of elements, as readData() of language/evaluate/read-data.ts finds them. */
const VECTOR_SLOTS = 2;

function findVector(
  c: Context,
  { source, data }: BufferSource["pointer"],
  slot: number,
  none: string,
  unreadable: string,
): void {
  const { a } = c;
  if (source.kind === "absent") throw new Error("a missing parameter leads to no vector");
  const word = wordSize(c.block.abi);
  const narrow = (): void => {
    if (word === 4) a.mov32(R0, R0);
  };
  loadSource(c, source, unreadable);
  narrow();
  a.jump("eq", R0, 0, none);
  if (data?.count !== undefined) {
    a.store("u64", R10, slot, R0);
    loadParam(c, { source: data.count, type: COUNT }, none, unreadable);
    a.store("u64", R10, slot + 8, R0);
    return;
  }
  // struct msghdr { pointer; length, padded; vector; number of its elements … }
  a.add(R0, 2 * word);
  narrow();
  a.mov(R3, R0)
    .mov(R1, R10)
    .add(R1, slot)
    .mov(R2, VECTOR_SLOTS * word);
  a.call("bpf_probe_read_user").jump("ne", R0, 0, unreadable);
  if (word === 8) return;
  a.load("u32", R1, R10, slot).load("u32", R2, R10, slot + 4);
  a.store("u64", R10, slot, R1).store("u64", R10, slot + 8, R2);
}

/** The kernel looks at the low 32 bits of a number of elements. */
const COUNT = { c: "unsigned int", kind: "int", size: 4, signed: false } as const;

/** r0 = a parameter in its own width and sign. */
function loadParam(
  c: Context,
  { source, type }: Pick<BufferSource["pointer"], "source" | "type">,
  none: string,
  unreadable: string,
): void {
  if (source.kind === "absent") {
    c.a.goto(none).mov(R0, 0);
    return;
  }
  loadSource(c, source, unreadable);
  extend(c, R0, type);
}

/** r1 = what the call has returned. */
function loadReturnValue({ a, stage }: Context): void {
  if (stage === "final") a.load("u64", R1, R9, RecordOffset.retval);
  else a.mov(R1, R8);
}
