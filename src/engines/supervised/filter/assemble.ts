/**
 * Decisions to classic BPF (struct sock_filter). Written from the end to the front: all jumps go forward, so the
 * distance of each is known when it is written, and a conditional jump over more than 255 instructions gets a
 * plain one beside it.
 */
import type { Decision, Test } from "./decision.ts";

/** Most instructions that the kernel takes. */
export const MAX_INSTRUCTIONS = 4096;
const LARGEST_SHORT_JUMP = 255;

const BPF_LD_W_ABS = 0x20;
const BPF_ALU_ADD_K = 0x04;
const BPF_ALU_AND_K = 0x54;
const BPF_JMP_JA = 0x05;
const JUMPS = { eq: 0x15, gt: 0x25, ge: 0x35, set: 0x45 } as const;
const BPF_RET_K = 0x06;
const INSTRUCTION_SIZE = 8;

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Undefined when it takes more instructions than the kernel allows. */
export function assembleFilter(decision: Decision): Uint8Array | undefined {
  const assembler = new Assembler();
  assembler.emit(decision);
  const instructions = assembler.reversed.toReversed();
  if (instructions.length > MAX_INSTRUCTIONS) return undefined;
  const bytes = new Uint8Array(instructions.length * INSTRUCTION_SIZE);
  const view = new DataView(bytes.buffer);
  for (const [i, { code, jt, jf, k }] of instructions.entries()) {
    const at = i * INSTRUCTION_SIZE;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k >>> 0, true);
  }
  return bytes;
}

class Assembler {
  /** Last instruction first. */
  readonly reversed: Instruction[] = [];
  /** Where a part begins, counted from the end of the program. */
  readonly #begins = new Map<Decision | number, number>();

  /** Writes the part in front of all that is there, unless it is there already; returns where it begins. */
  emit(decision: Decision): number {
    const key = decision.kind === "verdict" ? decision.value : decision;
    const known = this.#begins.get(key);
    if (known !== undefined) return known;
    if (decision.kind === "verdict") this.#push(BPF_RET_K, decision.value);
    else this.#emitTest(decision);
    this.#begins.set(key, this.reversed.length);
    return this.reversed.length;
  }

  #emitTest(test: Test): void {
    let otherwise = this.emit(test.ifFalse);
    let then = this.emit(test.ifTrue);
    // plain jumps in between for what is too far away; the second moves by one if it needs one too
    if (this.#distance(otherwise) >= LARGEST_SHORT_JUMP) otherwise = this.#jumpTo(otherwise);
    if (this.#distance(then) >= LARGEST_SHORT_JUMP) then = this.#jumpTo(then);
    const jt = this.#distance(then);
    const jf = this.#distance(otherwise);
    this.reversed.push({ code: JUMPS[test.op], jt, jf, k: test.value });
    if (test.add !== undefined) this.#push(BPF_ALU_ADD_K, test.add);
    if (test.and !== undefined) this.#push(BPF_ALU_AND_K, test.and);
    if (test.load !== undefined) this.#push(BPF_LD_W_ABS, test.load);
  }

  /** Instructions between what is written next and a place. */
  #distance(begin: number): number {
    return this.reversed.length - begin;
  }

  #jumpTo(begin: number): number {
    this.#push(BPF_JMP_JA, this.#distance(begin));
    return this.reversed.length;
  }

  #push(code: number, k: number): void {
    this.reversed.push({ code, jt: 0, jf: 0, k });
  }
}
