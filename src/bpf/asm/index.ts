export { Assembler, type Operand } from "./assembler.ts";
export { disassemble, disassembleInstruction, type Listed } from "./disassembler.ts";
export { HELPER_IDS, type HelperName, helperName } from "./helper.ts";
export { decode, encode, INSN_SIZE, type Instruction } from "./instruction.ts";
export type { Assembled, Relocation } from "./layout.ts";
export { type AluOp, type AtomicOp, type JumpCondition, SIZE_BYTES, type Size } from "./opcode.ts";
export {
  R0,
  R1,
  R2,
  R3,
  R4,
  R5,
  R6,
  R7,
  R8,
  R9,
  R10,
  type Register,
  registerAt,
  registerNumber,
  STACK_SIZE,
} from "./register.ts";
