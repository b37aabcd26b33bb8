/**
 * The eleven registers of a BPF program.
 *
 *   r0        return value of calls and of the program
 *   r1 … r5   arguments of calls; lost over every call
 *   r6 … r9   kept over calls
 *   r10       frame pointer, read only; 512 bytes of stack lie below it
 */
export type Register = "r0" | "r1" | "r2" | "r3" | "r4" | "r5" | "r6" | "r7" | "r8" | "r9" | "r10";

export const R0 = "r0";
export const R1 = "r1";
export const R2 = "r2";
export const R3 = "r3";
export const R4 = "r4";
export const R5 = "r5";
export const R6 = "r6";
export const R7 = "r7";
export const R8 = "r8";
export const R9 = "r9";
export const R10 = "r10";

const REGISTERS: readonly Register[] = [R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10];

/** Bytes of stack that one function of a program may use. */
export const STACK_SIZE = 512;

export function registerNumber(register: Register): number {
  return REGISTERS.indexOf(register);
}

/** The register with this number; throws RangeError outside 0..10. */
export function registerAt(number: number): Register {
  const register = REGISTERS[number];
  if (register === undefined) throw new RangeError(`Cannot name register ${number}: not in 0..10`);
  return register;
}
