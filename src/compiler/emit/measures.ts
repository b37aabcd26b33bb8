/** What COUNT sums up, and its histograms by powers of two, in the value of a row. */
import { type Assembler, R0, R1, R2, R3, R10 } from "../../bpf/asm/index.ts";
import type { CountedValues, CountMeasure } from "../../language/checked/index.ts";
import { BUCKETS } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import type { CountPlace } from "../layout/counts.ts";
import type { Context } from "./context.ts";
import { emitInt } from "./ints.ts";

/** Adds a number of the call to the row whose address is in a stack slot. Clobbers r0 … r5. */
export function addMeasure(
  c: Context,
  p: Presentation,
  { kind }: CountMeasure,
  one: CountedValues["measures"][number],
  { offset, without }: CountPlace["measures"][number],
  row: number,
): void {
  const { a } = c;
  const missing = a.newLabel("measure_missing");
  const done = a.newLabel("measured");
  if (one.is === "absent") a.goto(missing);
  else {
    emitInt(c, p, one.value, { missing, unreadable: missing });
    if (kind === "sum") a.load("u64", R1, R10, row).atomicAdd("u64", R1, offset, R0);
    else {
      emitBucket(a, one.value.unsigned);
      a.load("u64", R3, R10, row).add(R3, R1).mov(R2, 1).atomicAdd("u64", R3, offset, R2);
    }
    a.goto(done);
  }
  a.label(missing).load("u64", R1, R10, row).mov(R2, 1).atomicAdd("u64", R1, without, R2);
  a.label(done);
}

/** r1 = byte offset of the bucket of r0. Without branches over its bits: the verifier follows one way. Clobbers r0, r2, r3. */
function emitBucket(a: Assembler, unsigned: boolean): void {
  const found = a.newLabel("bucket");
  const positive = a.newLabel("bucket_positive");
  if (!unsigned) {
    const notNegative = a.newLabel("bucket_not_negative");
    a.jump("sge", R0, 0, notNegative).mov(R1, 0).goto(found).label(notNegative);
  }
  a.jump("ne", R0, 0, positive).mov(R1, 1).goto(found).label(positive).mov(R1, 2);
  for (const bit of [5, 4, 3, 2, 1, 0]) {
    // r2 = 2^bit if the upper half of what is left is not zero, else 0
    a.mov(R3, R0)
      .rsh(R3, 2 ** bit)
      .mov(R2, R3)
      .neg(R2)
      .or(R2, R3)
      .rsh(R2, 63)
      .lsh(R2, bit);
    a.rsh(R0, R2).add(R1, R2);
  }
  a.label(found);
  const bounded = a.newLabel("bucket_bounded");
  a.jump("lt", R1, BUCKETS, bounded)
    .mov(R1, BUCKETS - 1)
    .label(bounded)
    .lsh(R1, 3);
}
