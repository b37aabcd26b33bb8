/**
 * How many bytes the elements of a vector hold (struct iovec of readv and writev): one bpf_loop callback adds them
 * up, as the evaluator does (src/language/evaluate/read-vector.ts). Since Linux 5.17.
 *
 * Context of the callback on the caller's stack:
 *   0 address of the next 8 bytes that end in a length | 8 bytes of an element | 16 bits before the length | 24 sum
 */
import { MAX_RW_COUNT, UIO_MAXIOV } from "../../base/linux-abi.ts";
import { type Assembler, R0, R1, R2, R3, R4, R6, R7, R9, R10 } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import type { ValueSource, Vector } from "../../language/vocabulary.ts";
import type { Context } from "./context.ts";
import { obscureZero } from "./unknown-number.ts";

const STEP = "vector_step";
const SLOTS = 4;
const AT = { next: 0, element: 8, shift: 16, sum: 24 } as const;
const UNREADABLE = -1;

export type VectorLength = Extract<ValueSource, { kind: "memory" }> & { readonly vector: Vector };

export function isVectorLength(source: ValueSource): source is VectorLength {
  return source.kind === "memory" && source.vector?.holds === "length";
}

/** r0 = the sum; goes to `unreadable` if an element cannot be read. Clobbers r0 … r5. */
export function loadVectorLength(c: Context, source: VectorLength, unreadable: string): void {
  const { a } = c;
  const argument = (index: number): number => RecordOffset.args + index * 8;
  // an operation of io_uring has no registers that lead anywhere
  if (c.isRing) {
    a.goto(unreadable).mov(R0, 0);
    return;
  }
  const isWide = source.size === 8;
  c.stack.with(SLOTS, (slot) => {
    const done = a.newLabel("vector_length");
    obscureZero(c);
    a.store("u64", R10, slot + AT.sum, R1);
    a.load("u64", R1, R9, argument(source.vector.countArg));
    a.mov32(R1, R1).jump("gt", R1, UIO_MAXIOV, unreadable);
    a.load("u64", R3, R9, argument(source.pointerArg));
    if (isWide) a.add(R3, source.offset);
    else a.mov32(R3, R3);
    a.store("u64", R10, slot + AT.next, R3);
    a.store("u64", R10, slot + AT.element, 2 * source.size);
    a.store("u64", R10, slot + AT.shift, isWide ? 0 : 32);
    a.loadFunction(R2, STEP).mov(R3, R10).add(R3, slot).mov(R4, 0).call("bpf_loop");
    a.load("u64", R0, R10, slot + AT.sum).jump("eq", R0, UNREADABLE, unreadable);
    a.jump("le", R0, MAX_RW_COUNT, done).mov(R0, MAX_RW_COUNT).label(done);
  });
}

/** The callback, to be placed behind a program that uses loadVectorLength. */
export function emitVectorStep(a: Assembler): void {
  const fault = "vector_fault";
  const bounded = "vector_bounded";
  a.function(STEP).mov(R6, R2).load("u64", R7, R6, AT.next);
  a.mov(R1, R10).add(R1, -8).mov(R2, 8).mov(R3, R7).call("bpf_probe_read_user");
  a.jump("ne", R0, 0, fault);
  a.load("u64", R1, R10, -8).load("u64", R2, R6, AT.shift).rsh(R1, R2);
  // one that is longer counts as much: the sum cannot overflow
  a.jump("le", R1, MAX_RW_COUNT, bounded).mov(R1, MAX_RW_COUNT).label(bounded);
  a.load("u64", R2, R6, AT.sum).add(R2, R1).store("u64", R6, AT.sum, R2);
  a.load("u64", R2, R6, AT.element).add(R7, R2).store("u64", R6, AT.next, R7).return(0);
  a.label(fault).store("u64", R6, AT.sum, UNREADABLE).return(1);
}
