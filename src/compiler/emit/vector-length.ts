/**
 * How many bytes the elements of a vector hold (struct iovec of readv and writev): one bpf_loop callback adds them
 * up, as the evaluator does (src/language/evaluate/read-vector.ts). Since Linux 5.17.
 *
 * Context of the callback on the caller's stack:
 *   0 address of the next 8 bytes that end in a length | 8 bytes of an element | 16 bits before the length | 24 sum
 */
import { MAX_RW_COUNT, UIO_MAXIOV } from "../../base/linux-abi.ts";
import {
  type Assembler,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R9,
  R10,
  type Register,
} from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import type { ValueSource, Vector } from "../../language/vocabulary.ts";
import type { Context } from "./context.ts";
import { obscureZero } from "./unknown-number.ts";

const STEP = "vector_step";
const SLOTS = 4;
const AT = { next: 0, element: 8, shift: 16, sum: 24 } as const;
const UNREADABLE = -1;

export type VectorLength = Extract<ValueSource, { kind: "memory" }> & { readonly vector: Vector };

/** Where the elements are; each loads a register, and may clobber no other. */
export interface VectorParts {
  /** Bytes of a pointer. */
  readonly word: number;
  /** Address of the first. */
  readonly loadStart: (to: Register) => void;
  /** Their number. */
  readonly loadCount: (to: Register) => void;
}

/** Of a vector whose address and number of elements are arguments. */
export function vectorInArguments(
  { a }: Context,
  { size, pointerArg, vector }: VectorLength,
): VectorParts {
  const load = (to: Register, index: number): void => {
    a.load("u64", to, R9, RecordOffset.args + index * 8);
  };
  return {
    word: size,
    loadStart: (to) => {
      load(to, pointerArg);
      if (size === 4) a.mov32(to, to);
    },
    loadCount: (to) => {
      load(to, vector.countArg);
      a.mov32(to, to);
    },
  };
}

export function isVectorLength(source: ValueSource): source is VectorLength {
  return source.kind === "memory" && source.vector?.holds === "length";
}

/** r0 = the sum; goes to `unreadable` if an element cannot be read. Clobbers r0 … r5. */
export function loadVectorLength(c: Context, parts: VectorParts, unreadable: string): void {
  const { a } = c;
  const { word, loadStart, loadCount } = parts;
  // an operation of io_uring has no registers that lead anywhere
  if (c.isRing) {
    a.goto(unreadable).mov(R0, 0);
    return;
  }
  const isWide = word === 8;
  c.stack.with(SLOTS, (slot) => {
    const done = a.newLabel("vector_length");
    obscureZero(c);
    a.store("u64", R10, slot + AT.sum, R1);
    loadCount(R1);
    a.jump("gt", R1, UIO_MAXIOV, unreadable);
    loadStart(R3);
    if (isWide) a.add(R3, word);
    a.store("u64", R10, slot + AT.next, R3);
    a.store("u64", R10, slot + AT.element, 2 * word);
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
