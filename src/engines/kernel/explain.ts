/** What this engine would do with a rule on this machine: by compiling it, without loading anything. */
import { type CompileResult, compileRules, type Machine } from "../../compiler/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { EngineExplanation } from "../engine.ts";
import { DEFAULT_RING_BYTES } from "./engine.ts";
import { probeMachine } from "./machine.ts";

export interface KernelExplanation extends EngineExplanation {
  readonly result: CompileResult;
}

export interface KernelExplainer {
  (rule: CheckedRule): KernelExplanation;
  /** What the running kernel lets programs do. */
  readonly machine: Machine;
}

/** Probes this machine once. Throws MachineError where no rules can be loaded, or where that could not be found out. */
export function kernelExplainer(): KernelExplainer {
  const machine = probeMachine();
  const explain = (rule: CheckedRule): KernelExplanation => {
    const result = compileRules([rule], { machine, ringBytes: DEFAULT_RING_BYTES });
    return { result, refused: result.ok ? [] : result.diagnostics };
  };
  return Object.assign(explain, { machine });
}
