/** Numbers from where a presentation says they are: registers, the caller's memory, constants. */

import { R0, R1, R2, R3, R9, R10, type Register, type Size } from "../../bpf/asm/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import type { ParamType, ValueSource } from "../../language/vocabulary.ts";
import { wordSize } from "../../linux/index.ts";
import type { Context } from "./context.ts";
import { loadProcess } from "./process.ts";
import { isVectorLength, loadVectorLength, vectorInArguments } from "./vector-length.ts";

/** r0 = the raw value; goes to `unreadable` if user memory cannot be read. Clobbers r0 … r5. */
export function loadSource(
  c: Context,
  source: Exclude<ValueSource, { kind: "absent" }>,
  unreadable: string,
): void {
  if (isVectorLength(source)) {
    loadVectorLength(c, vectorInArguments(c, source), unreadable);
    return;
  }
  switch (source.kind) {
    case "arg":
      c.a.load("u64", R0, R9, RecordOffset.args + source.index * 8);
      return;
    case "constant":
      c.a.loadImm(R0, source.value);
      return;
    case "process":
      loadProcess(c, source.arg, unreadable);
      return;
    case "unknown":
      // keeps the code behind well-formed; the verifier never sees it as reachable
      c.a.goto(unreadable).mov(R0, 0);
      return;
    case "memory":
      if (source.isTimespec === true) {
        loadMilliseconds(c, source, unreadable);
        return;
      }
      c.stack.with(1, (slot) => {
        c.a.mov(R1, R10).add(R1, slot).mov(R2, source.size);
        c.a.load("u64", R3, R9, RecordOffset.args + source.pointerArg * 8).add(R3, source.offset);
        if (wordSize(c.block.abi) === 4) c.a.mov32(R3, R3);
        c.a.call("bpf_probe_read_user").jump("ne", R0, 0, unreadable);
        c.a.load(SIZE_OF[source.size], R0, R10, slot);
      });
      return;
  }
}

const NS_PER_MS = 1_000_000;

/** r0 = the time that a struct timespec says, as read-param.ts counts it; -1 without one. */
function loadMilliseconds(
  c: Context,
  { pointerArg, size }: Extract<ValueSource, { kind: "memory" }>,
  unreadable: string,
): void {
  const { a } = c;
  const done = a.newLabel("milliseconds");
  a.load("u64", R3, R9, RecordOffset.args + pointerArg * 8).mov(R0, -1);
  if (wordSize(c.block.abi) === 4) a.mov32(R3, R3);
  a.jump("eq", R3, 0, done);
  const word = size === 4 ? "u32" : "u64";
  c.stack.with(2, (slot) => {
    a.mov(R1, R10)
      .add(R1, slot)
      .mov(R2, 2 * size);
    a.call("bpf_probe_read_user").jump("ne", R0, 0, unreadable);
    a.load(word, R0, R10, slot).load(word, R1, R10, slot + size);
  });
  if (size === 4) a.signExtend(R0, R0, 32).signExtend(R1, R1, 32);
  a.alu("mul", R0, 1000)
    .add(R1, NS_PER_MS - 1)
    .alu("div", R1, NS_PER_MS)
    .add(R0, R1)
    .label(done);
}

export const SIZE_OF: Readonly<Record<1 | 2 | 4 | 8, Size>> = {
  1: "u8",
  2: "u16",
  4: "u32",
  8: "u64",
};

/** Cuts or extends a register to the value that the C type has. */
export function extend(c: Context, register: Register, type: ParamType): void {
  if (type.size === 8) return;
  const bits = (type.size * 8) as 8 | 16 | 32;
  if (type.signed) c.a.signExtend(register, register, bits);
  else if (bits === 32) c.a.mov32(register, register);
  else c.a.and(register, 2 ** bits - 1);
}
