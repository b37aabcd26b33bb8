/**
 * One BPF instruction and its 8 bytes (struct bpf_insn, little endian):
 *
 *   0        1           2         4            8
 *   | opcode | src | dst | offset  | imm        |
 *
 * A 64-bit immediate load is two of them; the second carries only the upper half in its `imm`.
 * decode and encode are exact inverses for every input whose length is a multiple of 8.
 */
import { OP_LD_IMM64 } from "./opcode.ts";

/** Bytes of one slot; offsets of jumps and tables of the kernel count in slots. */
export const INSN_SIZE = 8;

export interface Instruction {
  readonly opcode: number;
  /** Register number 0..15; only 0..10 exist. */
  readonly dst: number;
  readonly src: number;
  /** Signed 16 bits. */
  readonly offset: number;
  /** Signed 32 bits. */
  readonly imm: number;
  /** Upper half of a 64-bit immediate (signed 32 bits); its presence makes this instruction two slots long. */
  readonly high?: number;
}

/** Slots (1 or 2) that an instruction takes. */
export function slotsOf(instruction: Instruction): number {
  return instruction.high === undefined ? 1 : 2;
}

/** Writes one instruction at a byte offset; returns the offset behind it. */
export function encodeInto(view: DataView, at: number, instruction: Instruction): number {
  view.setUint8(at, instruction.opcode);
  view.setUint8(at + 1, (instruction.src << 4) | instruction.dst);
  view.setInt16(at + 2, instruction.offset, true);
  view.setInt32(at + 4, instruction.imm, true);
  if (instruction.high === undefined) return at + INSN_SIZE;
  view.setInt32(at + 8, 0, true);
  view.setInt32(at + 12, instruction.high, true);
  return at + 2 * INSN_SIZE;
}

export function encode(instructions: readonly Instruction[]): Uint8Array {
  let slots = 0;
  for (const instruction of instructions) slots += slotsOf(instruction);
  const bytes = new Uint8Array(slots * INSN_SIZE);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const instruction of instructions) at = encodeInto(view, at, instruction);
  return bytes;
}

/**
 * Reads instructions back. A 64-bit immediate load whose second half is missing or malformed comes out as a
 * lone slot. Throws RangeError when the length is not a multiple of 8.
 */
export function decode(bytes: Uint8Array): Instruction[] {
  if (bytes.length % INSN_SIZE !== 0)
    throw new RangeError(`Cannot decode ${bytes.length} bytes: not a multiple of ${INSN_SIZE}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const instructions: Instruction[] = [];
  for (let at = 0; at < bytes.length; ) {
    const registers = view.getUint8(at + 1);
    const instruction = {
      opcode: view.getUint8(at),
      dst: registers & 0xf,
      src: registers >> 4,
      offset: view.getInt16(at + 2, true),
      imm: view.getInt32(at + 4, true),
    };
    at += INSN_SIZE;
    if (
      instruction.opcode === OP_LD_IMM64 &&
      at < bytes.length &&
      view.getInt32(at, true) === 0 // opcode, registers and offset
    ) {
      instructions.push({ ...instruction, high: view.getInt32(at + 4, true) });
      at += INSN_SIZE;
    } else {
      instructions.push(instruction);
    }
  }
  return instructions;
}

/** The value of a 64-bit immediate load, unsigned. */
export function imm64Of(instruction: Instruction): bigint {
  const low = BigInt(instruction.imm >>> 0);
  return (BigInt((instruction.high ?? 0) >>> 0) << 32n) | low;
}
