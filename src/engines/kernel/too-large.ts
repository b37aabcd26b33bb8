/** The verifier follows every way through a program, up to a limit: rules can be more than it looks at. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { type BpfMap, VerifierError } from "../../bpf/index.ts";
import { type CompiledRules, type CompileOptions, compileRules } from "../../compiler/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import { type Loaded, loadRules } from "./load.ts";

/** "BPF program is too large. Processed …", "The sequence of 8193 jumps is too complex"; the errno depends. */
const TOO_LARGE = /program is too large|jumps is too complex|too many (instructions|subprogs)/i;

const WITHOUT_CALLER =
  "events carry exe and cwd only where a rule names them: looking them up at all these calls is more than this kernel's verifier follows";

export type LoadResult =
  | { readonly ok: true; readonly compiled: CompiledRules; readonly loaded: Loaded }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Compiles and loads rules; those that are more than the verifier follows are refused. Who calls from where is
 * left out of reports, with a notice, before rules are refused for it. Throws as `loadRules` does.
 */
export function compileAndLoad(
  rules: readonly CheckedRule[],
  options: CompileOptions,
  shared?: ReadonlyMap<string, BpfMap>,
): LoadResult {
  const result = compileRules(rules, options);
  if (!result.ok) return result;
  const { compiled } = result;
  try {
    return { ok: true, compiled, loaded: loadRules(compiled, options.machine.facts, shared) };
  } catch (error) {
    const diagnostics = tooLarge(error, rules);
    if (diagnostics === undefined) throw error;
    if (options.reportsCaller !== true) return { ok: false, diagnostics };
    const less = compileAndLoad(rules, { ...options, reportsCaller: false }, shared);
    if (!less.ok) return less;
    const notices = [...less.compiled.notices, WITHOUT_CALLER];
    return { ...less, compiled: { ...less.compiled, notices } };
  }
}

/** What to tell the author of the rules when loading them failed with `error`; undefined: it is another failure. */
export function tooLarge(
  error: unknown,
  rules: readonly CheckedRule[],
): readonly Diagnostic[] | undefined {
  if (!(error instanceof VerifierError) || !TOO_LARGE.test(error.summary)) return undefined;
  const { call, count, first } = fullestCall(rules);
  if (first === undefined) return undefined;
  const message =
    count === 1
      ? `The rule is too complex for this kernel: ${error.summary}`
      : `Too many rules on one call for this kernel: ${count} on \`${call}\` are more than its verifier follows`;
  return [
    {
      code: "too_complex_for_kernel",
      severity: "error",
      message,
      span: first.span,
      hint: "one rule with a list (`PARAMS[1] in LIST`) takes far less than a rule for each value",
    },
  ];
}

/** The call that most rules name, and the first of them; of equals the one with the longest rule. */
function fullestCall(rules: readonly CheckedRule[]): {
  call: string;
  count: number;
  first: CheckedRule | undefined;
} {
  const byCall = new Map<string, CheckedRule[]>();
  for (const rule of rules) {
    const calls = rule.targets.flatMap(({ presentations }) => presentations.map((p) => p.call));
    for (const call of new Set(calls)) {
      const named = byCall.get(call);
      if (named === undefined) byCall.set(call, [rule]);
      else named.push(rule);
    }
  }
  let fullest: [string, CheckedRule[]] = ["", []];
  const size = ([, [first, ...others]]: typeof fullest): number =>
    first === undefined ? 0 : (others.length + 1) * 2 ** 32 + first.span.end - first.span.start;
  for (const entry of byCall) if (size(entry) > size(fullest)) fullest = entry;
  const [call, named] = fullest;
  return { call, count: named.length, first: named[0] };
}
