/**
 * Branches of compiled programs. Each rule set is a program of its own, so places in one say nothing of another: a branch
 * is known again by its kind, which is the operations and registers of its jump and of the instructions before it.
 */
import { type Assembled, decode } from "../../src/bpf/asm/index.ts";
import { CLASS_MASK, Class, CODE_MASK, JumpCode } from "../../src/bpf/asm/opcode.ts";
import { Branch, type Cpu } from "../../src/bpf/vm/index.ts";

/** Instructions that make a kind, the jump included. */
const LENGTH = 5;

/** Numbers of kinds, by slot; nothing where there is no conditional jump. */
export function jumpKinds(code: Assembled): ReadonlyMap<number, string> {
  const kinds = new Map<number, string>();
  const before: number[] = [];
  let slot = 0;
  for (const { opcode, dst, src, high } of decode(code.insns)) {
    before.push((opcode << 8) | (dst << 4) | src);
    if (before.length > LENGTH) before.shift();
    if (isConditional(opcode)) kinds.set(slot, before.join());
    slot += high === undefined ? 1 : 2;
  }
  return kinds;
}

function isConditional(opcode: number): boolean {
  const group = opcode & CLASS_MASK;
  const code = opcode & CODE_MASK;
  if (group === Class.JMP32) return code !== JumpCode.ja;
  return group === Class.JMP && !UNCONDITIONAL.has(code);
}

const UNCONDITIONAL: ReadonlySet<number> = new Set([JumpCode.ja, JumpCode.call, JumpCode.exit]);

/** Branches that were reached, over all programs. */
export class Reached {
  /** By kind, in both directions. */
  readonly kinds = new Set<string>();
  count = 0;
  possible = 0;

  /** Adds those of a program; gives whether a kind is new. */
  add(cpu: Cpu, jumps: ReadonlyMap<number, string>): boolean {
    const before = this.kinds.size;
    for (const [slot, kind] of jumps) {
      const seen = cpu.branches[slot] ?? 0;
      for (const branch of Object.values(Branch))
        if ((seen & branch) !== 0) this.kinds.add(`${kind}:${branch}`);
    }
    this.count += cpu.branchCount;
    this.possible += 2 * jumps.size;
    return this.kinds.size > before;
  }
}
