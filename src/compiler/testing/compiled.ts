/** Rules as compiled for a machine. A test asks about the same ones with many callers and calls. */
import type { CheckedRule } from "../../language/checked/index.ts";
import { type CompiledRules, type CompileOptions, compileRules } from "../compile.ts";
import type { Machine } from "../machine.ts";

const RING_BYTES = 1 << 20;

/** Of those without options. */
const known = new WeakMap<readonly CheckedRule[], Map<Machine, CompiledRules>>();

/** Throws what the compiler refuses. */
export function compiledFor(
  rules: readonly CheckedRule[],
  machine: Machine,
  options: Partial<CompileOptions>,
): CompiledRules {
  if (Object.keys(options).length > 0) return compiled(rules, machine, options);
  const byMachine = known.get(rules) ?? new Map<Machine, CompiledRules>();
  known.set(rules, byMachine);
  const found = byMachine.get(machine) ?? compiled(rules, machine, {});
  byMachine.set(machine, found);
  return found;
}

function compiled(
  rules: readonly CheckedRule[],
  machine: Machine,
  options: Partial<CompileOptions>,
): CompiledRules {
  const result = compileRules(rules, { machine, ringBytes: RING_BYTES, ...options });
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return result.compiled;
}
