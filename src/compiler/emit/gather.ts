/**
 * Copies what the elements of a vector point to (struct iovec of readv and writev), one behind the other: one bpf_loop callback
 * takes an element. Since Linux 5.17.
 *
 * Context of the callback on the caller's stack:
 *   0 next element | 8 size of a word | 16 where the bytes go | 24 bytes there | 32 bytes wanted | 40 1: unreadable
 */
import { type Assembler, R0, R1, R2, R3, R4, R6, R7, R8, R9, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE } from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import type { Context } from "./context.ts";
import type { EntryAddress } from "./place.ts";
import { forgetLeast, obscureZero } from "./unknown-number.ts";
import type { VectorParts } from "./vector-length.ts";

const STEP = "gather_step";
const SLOTS = 6;
const AT = { next: 0, word: 8, to: 16, there: 24, wanted: 32, fault: 40 } as const;
/** UIO_MAXIOV */
const MOST_ELEMENTS = 1024;

/** As many bytes as the slot `wanted` says, at most MAX_STRING, into the entry; the elements have them. Clobbers r0 … r5. */
export function gather(
  c: Context,
  { word, loadStart }: VectorParts,
  entry: EntryAddress,
  wanted: number,
  unreadable: string,
): void {
  const { a } = c;
  c.stack.with(SLOTS, (slot) => {
    a.mov(R1, entry.base).add(R1, entry.offset + TAIL_ENTRY_HEADER_SIZE);
    a.store("u64", R10, slot + AT.to, R1);
    a.load("u64", R1, R10, wanted).store("u64", R10, slot + AT.wanted, R1);
    loadStart(R1);
    a.store("u64", R10, slot + AT.next, R1);
    // each of its own: what the verifier learns of a number it learns of all copies
    for (const [field, value] of [
      [AT.there, 0],
      [AT.fault, 0],
      [AT.word, word],
    ] as const) {
      obscureZero(c);
      a.add(R1, value).store("u64", R10, slot + field, R1);
    }
    a.mov(R1, MOST_ELEMENTS).loadFunction(R2, STEP).mov(R3, R10).add(R3, slot).mov(R4, 0);
    a.call("bpf_loop")
      .load("u64", R1, R10, slot + AT.fault)
      .jump("ne", R1, 0, unreadable);
  });
}

/** The callback, to be placed behind a program that uses gather. */
export function emitGatherStep(a: Assembler): void {
  const [narrow, known, fits, next] = ["narrow", "known", "fits", "next"].map(
    (name) => `gather_${name}`,
  ) as [string, string, string, string];
  const [fault, stop] = ["gather_fault", "gather_stop"];
  a.function(STEP).mov(R6, R2);
  a.load("u64", R7, R6, AT.there).load("u64", R1, R6, AT.wanted).jump("ge", R7, R1, stop);
  a.mov(R1, R10).add(R1, -16).load("u64", R3, R6, AT.next).load("u64", R2, R6, AT.word);
  a.jump("eq", R2, 4, narrow).mov(R2, 16).call("bpf_probe_read_user").jump("ne", R0, 0, fault);
  a.load("u64", R8, R10, -16).load("u64", R9, R10, -8).goto(known);
  a.label(narrow).mov(R2, 8).call("bpf_probe_read_user").jump("ne", R0, 0, fault);
  a.load("u32", R8, R10, -16).load("u32", R9, R10, -12);
  a.label(known).load("u64", R1, R6, AT.next).load("u64", R2, R6, AT.word);
  a.add(R1, R2).add(R1, R2).store("u64", R6, AT.next, R1);
  a.load("u64", R1, R6, AT.wanted).sub(R1, R7).jump("le", R9, R1, fits).mov(R9, R1).label(fits);
  // one without bytes may point anywhere
  a.jump("eq", R9, 0, next);
  a.jump("gt", R9, MAX_STRING, fault).jump("gt", R7, MAX_STRING, fault);
  a.load("u64", R1, R6, AT.to).add(R1, R7).mov(R2, R9).mov(R3, R8);
  a.call("bpf_probe_read_user").jump("ne", R0, 0, fault);
  forgetLeast(a.add(R7, R9), R7);
  a.store("u64", R6, AT.there, R7).label(next).return(0);
  a.label(fault).store("u64", R6, AT.fault, 1).label(stop).return(1);
}
