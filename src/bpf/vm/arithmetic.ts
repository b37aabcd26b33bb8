/** Arithmetic of the instruction set (Documentation/bpf/standardization/instruction-set.rst) on halves of registers. */
import { AluCode } from "../asm/opcode.ts";
import type { Registers } from "./registers.ts";

/** dst = dst op operand, 64 bits; the operand comes as halves. False for a code that is none of these. */
export function compute64(
  r: Registers,
  code: number,
  dst: number,
  operandHigh: number,
  operandLow: number,
): boolean {
  const { low, high } = r;
  const a = low[dst] as number;
  const b = high[dst] as number;
  switch (code) {
    case AluCode.mov:
      r.setHalves(dst, operandHigh, operandLow);
      return true;
    case AluCode.add: {
      const sum = (a >>> 0) + (operandLow >>> 0);
      r.setHalves(dst, (b + operandHigh + (sum > 0xffffffff ? 1 : 0)) | 0, sum | 0);
      return true;
    }
    case AluCode.sub: {
      const borrow = a >>> 0 < operandLow >>> 0 ? 1 : 0;
      r.setHalves(dst, (b - operandHigh - borrow) | 0, (a - operandLow) | 0);
      return true;
    }
    case AluCode.and:
      r.setHalves(dst, b & operandHigh, a & operandLow);
      return true;
    case AluCode.or:
      r.setHalves(dst, b | operandHigh, a | operandLow);
      return true;
    case AluCode.xor:
      r.setHalves(dst, b ^ operandHigh, a ^ operandLow);
      return true;
    case AluCode.lsh:
      shiftLeft(r, dst, operandLow & 63);
      return true;
    case AluCode.rsh:
      shiftRight(r, dst, operandLow & 63, 0);
      return true;
    case AluCode.arsh:
      shiftRight(r, dst, operandLow & 63, b >> 31);
      return true;
    case AluCode.mul:
    case AluCode.div:
    case AluCode.mod:
      r.set(dst, divide(code, r.get(dst), join(operandHigh, operandLow)));
      return true;
    default:
      return false;
  }
}

/** The same for the lower 32 bits, which clears the upper. */
export function compute32(r: Registers, code: number, dst: number, operand: number): boolean {
  const a = r.low[dst] as number;
  const result = result32(code, a, operand);
  if (result === undefined) return false;
  r.setHalves(dst, 0, result | 0);
  return true;
}

function result32(code: number, a: number, b: number): number | undefined {
  switch (code) {
    case AluCode.mov:
      return b;
    case AluCode.add:
      return a + b;
    case AluCode.sub:
      return a - b;
    case AluCode.and:
      return a & b;
    case AluCode.or:
      return a | b;
    case AluCode.xor:
      return a ^ b;
    case AluCode.lsh:
      return a << (b & 31);
    case AluCode.rsh:
      return a >>> (b & 31);
    case AluCode.arsh:
      return a >> (b & 31);
    case AluCode.mul:
      return Math.imul(a, b);
    case AluCode.div:
      return b === 0 ? 0 : Math.floor((a >>> 0) / (b >>> 0));
    case AluCode.mod:
      return b === 0 ? a : (a >>> 0) % (b >>> 0);
    default:
      return undefined;
  }
}

/** Division by zero gives 0, the remainder by zero what there was. */
function divide(code: number, a: bigint, b: bigint): bigint {
  if (code === AluCode.mul) return a * b;
  if (code === AluCode.div) return b === 0n ? 0n : a / b;
  return b === 0n ? a : a % b;
}

function join(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function shiftLeft(r: Registers, dst: number, by: number): void {
  const a = r.low[dst] as number;
  const b = r.high[dst] as number;
  if (by >= 32) r.setHalves(dst, a << (by - 32), 0);
  else if (by > 0) r.setHalves(dst, (b << by) | (a >>> (32 - by)), a << by);
}

/** `sign`: what comes in from above, 0 or -1. */
function shiftRight(r: Registers, dst: number, by: number, sign: number): void {
  const a = r.low[dst] as number;
  const b = r.high[dst] as number;
  const shifted = (n: number) => (sign === 0 ? b >>> n : b >> n);
  if (by >= 32) r.setHalves(dst, sign, shifted(by - 32) | 0);
  else if (by > 0) r.setHalves(dst, shifted(by) | 0, (a >>> by) | (b << (32 - by)));
}
