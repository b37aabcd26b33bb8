/** Conditions of jumps, on halves of 64-bit operands or on 32-bit ones. */
import { JumpCode } from "../asm/opcode.ts";
import { VmError } from "./memory.ts";

/** Upper halves are 0 for 32-bit comparisons of unsigned numbers, the signs for signed ones. */
export function holds(
  code: number,
  aHigh: number,
  aLow: number,
  bHigh: number,
  bLow: number,
): boolean {
  switch (code) {
    case JumpCode.eq:
      return aHigh === bHigh && aLow === bLow;
    case JumpCode.ne:
      return aHigh !== bHigh || aLow !== bLow;
    case JumpCode.set:
      return (aHigh & bHigh) !== 0 || (aLow & bLow) !== 0;
    case JumpCode.gt:
      return isBelow(bHigh >>> 0, bLow, aHigh >>> 0, aLow);
    case JumpCode.ge:
      return !isBelow(aHigh >>> 0, aLow, bHigh >>> 0, bLow);
    case JumpCode.lt:
      return isBelow(aHigh >>> 0, aLow, bHigh >>> 0, bLow);
    case JumpCode.le:
      return !isBelow(bHigh >>> 0, bLow, aHigh >>> 0, aLow);
    case JumpCode.sgt:
      return isBelow(bHigh, bLow, aHigh, aLow);
    case JumpCode.sge:
      return !isBelow(aHigh, aLow, bHigh, bLow);
    case JumpCode.slt:
      return isBelow(aHigh, aLow, bHigh, bLow);
    case JumpCode.sle:
      return !isBelow(bHigh, bLow, aHigh, aLow);
    default:
      throw new VmError(`no condition has code 0x${code.toString(16)}`);
  }
}

/** Upper halves decide as they are given, signed or unsigned; lower ones always count as unsigned. */
function isBelow(aHigh: number, aLow: number, bHigh: number, bLow: number): boolean {
  return aHigh === bHigh ? aLow >>> 0 < bLow >>> 0 : aHigh < bHigh;
}
