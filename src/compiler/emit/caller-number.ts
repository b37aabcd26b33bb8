/** Numbers of the caller that lie behind pointers: capabilities, namespaces, the number of its control group. */
import { R0, R1, R3, R7, R10 } from "../../bpf/asm/index.ts";
import { type IntVariable, numberVariable } from "../../variables/index.ts";
import type { Context } from "./context.ts";
import { followPointer, readKernel } from "./kernel-memory.ts";

/** r0 = the value of the task in r7; goes to `unreadable` where the way breaks off. Clobbers r0 … r5. */
export function loadCallerNumber(c: Context, name: IntVariable, unreadable: string): void {
  const { a } = c;
  const { type } = numberVariable(name);
  const steps = c.facts.walks[name] ?? [];
  const last = steps.at(-1);
  if (last === undefined) throw new Error(`variable ${name} is refused before code is made`);
  c.stack.with(2, (slot) => {
    const [word, struct] = [slot, slot + 8];
    a.mov(R3, R7);
    for (const step of steps) {
      if (step.level !== undefined) {
        a.store("u64", R10, struct, R3).add(R3, step.level);
        readKernel(a, word, 4, unreadable);
        a.load("u32", R1, R10, word).load("u64", R3, R10, struct);
        a.mul(R1, step.size ?? 0).add(R3, R1);
      }
      if (step !== last) followPointer(a, step.offset, word, unreadable);
    }
    a.add(R3, last.offset);
    readKernel(a, word, type.size, unreadable);
    a.load(type.size === 4 ? "u32" : "u64", R0, R10, word);
  });
  if (type.size === 4 && type.signed) a.signExtend(R0, R0, 32);
}
