/**
 * Decisions to classic BPF (struct sock_filter). Written from the end to the front: all jumps go forward, so the
 * distance of each is known when it is written, and a conditional jump over more than 255 instructions gets a
 * plain one beside it.
 */
import type { FilterDecision, Test } from "./decision.ts";

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
export function assembleFilter(decision: FilterDecision): Uint8Array | undefined {
  const assembler = new Assembler();
  assembler.emit(decision);
  if (assembler.isTooLong) return undefined;
  const instructions = assembler.reversed.toReversed();
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

/** How many instructions it takes; infinitely many when they are too many for any filter. */
export function filterLength(decision: FilterDecision): number {
  const bytes = assembleFilter(decision);
  return bytes === undefined ? Number.POSITIVE_INFINITY : bytes.length / INSTRUCTION_SIZE;
}

/** Equal verdicts are written once. */
function keyOf(part: FilterDecision): FilterDecision | number {
  return part.kind === "verdict" ? part.value : part;
}

class Assembler {
  /** Last instruction first. */
  readonly reversed: Instruction[] = [];
  /** Where a part begins, counted from the end of the program. */
  readonly #begins = new Map<FilterDecision | number, number>();

  /** Whether it was given up: the kernel would not take it. */
  get isTooLong(): boolean {
    return this.reversed.length > MAX_INSTRUCTIONS;
  }

  /** Writes the graph, each part in front of those that it leads to. Thousands of tests in a row: no recursion. */
  emit(decision: FilterDecision): void {
    const todo: FilterDecision[] = [decision];
    for (let part = todo.at(-1); part !== undefined && !this.isTooLong; part = todo.at(-1)) {
      if (this.#beginOf(part) === undefined && part.kind === "test") {
        const missing = [part.ifFalse, part.ifTrue].find((to) => this.#beginOf(to) === undefined);
        if (missing !== undefined) {
          todo.push(missing);
          continue;
        }
      }
      this.#write(part);
      todo.pop();
    }
  }

  /** Writes one part, unless it is there already. */
  #write(part: FilterDecision): void {
    if (this.#beginOf(part) !== undefined) return;
    if (part.kind === "verdict") this.#push(BPF_RET_K, part.value);
    else this.#writeTest(part);
    this.#begins.set(keyOf(part), this.reversed.length);
  }

  #beginOf(part: FilterDecision): number | undefined {
    return this.#begins.get(keyOf(part));
  }

  #writeTest(test: Test): void {
    let otherwise = this.#beginOf(test.ifFalse) ?? 0;
    let then = this.#beginOf(test.ifTrue) ?? 0;
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
