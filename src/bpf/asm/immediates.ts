/** What fits into the fields of an instruction. The functions pass a value on, or throw RangeError. */

/** The signed 16-bit offset of an instruction. */
export function checkOffset(offset: number): number {
  if (!Number.isInteger(offset) || offset < -0x8000 || offset > 0x7fff)
    throw new RangeError(`Cannot encode offset ${offset}: not a signed 16-bit integer`);
  return offset;
}

/** An immediate of a 64-bit operation: the kernel sign-extends it, so only these values mean themselves. */
export function checkImm(value: number | bigint): number {
  const imm = Number(value);
  if (!Number.isInteger(imm) || imm < -0x80000000 || imm > 0x7fffffff)
    throw new RangeError(
      `Cannot encode immediate ${value}: not a signed 32-bit integer, use loadImm and a register`,
    );
  return imm;
}

/** An immediate of a 32-bit operation, written signed or unsigned. */
export function checkImm32(value: number | bigint): number {
  const imm = Number(value);
  if (!Number.isInteger(imm) || imm < -0x80000000 || imm > 0xffffffff)
    throw new RangeError(`Cannot encode immediate ${value}: wider than 32 bits`);
  return imm | 0;
}
