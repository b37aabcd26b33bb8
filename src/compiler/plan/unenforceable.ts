/** FAIL actions that this machine cannot carry out: refused, with the reason and what would help. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { CheckedAction } from "../../language/checked/index.ts";
import { errnoProblem } from "../../linux/index.ts";
import type { Machine } from "../machine.ts";
import type { Block } from "./block.ts";

/** FAIL actions that cannot be carried out here, each once, with the calls, the reason and what would help. */
export function refuseUnenforceable(blocks: readonly Block[], machine: Machine): Diagnostic[] {
  const found = new Map<string, Unenforceable>();
  for (const block of blocks) {
    for (const { rule, ruleIndex, candidates } of block.before) {
      for (const action of rule.actions) {
        if (action.type !== "FAIL") continue;
        const call = candidates[0]?.presentation.call ?? block.call;
        const problem = problemOf(block, call, action.errno, machine);
        if (problem === undefined) continue;
        const key = `${ruleIndex} ${action.span.start} ${problem.why}`;
        const known = found.get(key) ?? { ruleIndex, action, problem, calls: new Set() };
        found.set(key, known);
        known.calls.add(call);
      }
    }
  }
  // blocks are in the order of call numbers; a reader of the errors wants that of the file
  const inOrder = [...found.values()].sort((a, b) => a.ruleIndex - b.ruleIndex);
  return inOrder.map(({ action, problem, calls }) => ({
    code: "cannot_enforce",
    severity: "error",
    message: `FAIL of ${[...calls].join(", ")} cannot be enforced here: ${problem.why}`,
    span: action.span,
    hint: problem.hint,
  }));
}

interface Unenforceable {
  readonly ruleIndex: number;
  readonly action: CheckedAction;
  readonly problem: { readonly why: string; readonly hint: string };
  readonly calls: Set<string>;
}

function problemOf(
  block: Block,
  call: string,
  errno: number,
  machine: Machine,
): { why: string; hint: string } | undefined {
  const { enforcement } = block;
  if (enforcement !== undefined) {
    const why = enforcement.modify ? undefined : errnoProblem(call, errno);
    return why === undefined ? undefined : { why, hint: "another error_code works" };
  }
  const anyFunction = machine.hookKind !== undefined || machine.canModifyReturn;
  if (!anyFunction)
    return {
      why: "this kernel lets no program decide over calls",
      hint: "a kernel with BPF trampolines and security hooks can, or `sct run` for one command",
    };
  return {
    why: "no security hook sees this call, and this kernel has no error injection",
    hint: "a kernel with CONFIG_BPF_KPROBE_OVERRIDE can, or `sct run` for one command",
  };
}
