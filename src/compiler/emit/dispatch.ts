/** Binary search over constants: a value that is not listed costs log2(n) comparisons. */
import type { Assembler, Register } from "../../bpf/asm/index.ts";

export interface Case {
  readonly value: number;
  readonly label: string;
}

/** Goes to the label of the case that equals the register, or to `otherwise`. Cases are ascending, < 2^31. */
export function emitDispatch(
  a: Assembler,
  register: Register,
  cases: readonly Case[],
  otherwise: string,
): void {
  emitSearch(a, register, cases, otherwise, 0, Number.POSITIVE_INFINITY);
}

/** The register is known to be from `low` to `high`. */
function emitSearch(
  a: Assembler,
  register: Register,
  cases: readonly Case[],
  otherwise: string,
  low: number,
  high: number,
): void {
  if (cases.length <= 3) {
    // an "otherwise" that cannot happen is dead code, which the kernel takes out instruction by instruction
    const isComplete = cases.length === high - low + 1;
    const tested = isComplete ? cases.slice(0, -1) : cases;
    for (const { value, label } of tested) a.jump("eq", register, value, label);
    a.goto(isComplete ? (cases.at(-1) as Case).label : otherwise);
    return;
  }
  const middle = cases.length >> 1;
  const { value } = cases[middle] as Case;
  const upper = a.newLabel("upper");
  a.jump("ge", register, value, upper);
  emitSearch(a, register, cases.slice(0, middle), otherwise, low, value - 1);
  a.label(upper);
  emitSearch(a, register, cases.slice(middle), otherwise, value, high);
}
