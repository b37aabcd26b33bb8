/** Binary search over constants: a value that is not listed costs log2(n) comparisons. */
import type { Assembler, Register } from "../../bpf/asm/index.ts";

/** Goes to the label of the case that equals the register, or to `otherwise`. Cases are ascending, < 2^31. */
export function emitDispatch(
  a: Assembler,
  register: Register,
  cases: readonly { readonly value: number; readonly label: string }[],
  otherwise: string,
): void {
  if (cases.length <= 3) {
    for (const { value, label } of cases) a.jump("eq", register, value, label);
    a.goto(otherwise);
    return;
  }
  const middle = cases.length >> 1;
  const upper = a.newLabel("upper");
  a.jump("ge", register, (cases[middle] as { value: number }).value, upper);
  emitDispatch(a, register, cases.slice(0, middle), otherwise);
  a.label(upper);
  emitDispatch(a, register, cases.slice(middle), otherwise);
}
