/** Rules to kernel objects: compiled, verified, attached. Blocks its thread for as long as that takes. */
import type { Diagnostic } from "../../../base/diagnostic.ts";
import type { BpfMap } from "../../../bpf/index.ts";
import {
  type CompiledMap,
  type CompiledProgram,
  type CompileOptions,
  compileRules,
  type KernelFacts,
  type TestSet,
} from "../../../compiler/index.ts";
import type { CheckedRule } from "../../../language/index.ts";
import { type KernelObjects, openObjects } from "./objects.ts";
import { type LoadSteps, UNWATCHED } from "./progress.ts";
import { tooLarge } from "./too-large.ts";

/** What is known of a rule set that was loaded, beside the rules themselves. */
export interface LoadFacts {
  readonly kernel: KernelFacts;
  /** What must be said at load, one line each. */
  readonly notices: readonly string[];
  /** Files whose identity belongs into the map of identities, as Latin-1 text. */
  readonly identifiedPaths: readonly string[];
  /** As in CompiledRules. */
  readonly testSets: readonly TestSet[];
  /** Its own maps, in the order of the objects. */
  readonly maps: readonly Omit<CompiledMap, "content">[];
  readonly programs: readonly (Pick<CompiledProgram, "attachment" | "rules"> & {
    readonly name: string;
  })[];
}

export type LoadResult =
  | { readonly ok: true; readonly facts: LoadFacts; readonly objects: KernelObjects }
  /** Rules ask for what this engine cannot do; nothing was loaded. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const WITHOUT_CALLER =
  "events carry exe and cwd only where a rule names them: looking them up at all these calls is more than this kernel's verifier follows";

/**
 * Rules that are more than the verifier follows are refused. Before that, the caller's executable and directory are left
 * out of reports, with a notice. Throws as `openObjects` does.
 */
export function compileAndOpen(
  rules: readonly CheckedRule[],
  options: CompileOptions,
  shared: ReadonlyMap<string, BpfMap>,
  steps: LoadSteps = UNWATCHED,
): LoadResult {
  steps.progress({ stage: "compiling", total: 0, done: 0, rules: [] });
  const result = compileRules(rules, options);
  if (!result.ok) return result;
  const { compiled } = result;
  try {
    const objects = openObjects(compiled, shared, steps);
    const { notices, identifiedPaths, testSets } = compiled;
    const facts = {
      kernel: options.machine.facts,
      notices,
      identifiedPaths,
      testSets,
      maps: compiled.maps
        .filter(({ name }) => !shared.has(name))
        .map(({ content: _, ...spec }) => spec),
      programs: compiled.programs.map(({ attachment, rules: served, code: { name } }) => ({
        name,
        attachment,
        rules: served,
      })),
    };
    return { ok: true, facts, objects };
  } catch (error) {
    const diagnostics = tooLarge(error, rules);
    if (diagnostics === undefined) throw error;
    if (options.reportsCaller !== true) return { ok: false, diagnostics };
    const less = compileAndOpen(rules, { ...options, reportsCaller: false }, shared, steps);
    if (!less.ok) return less;
    const notices = [...less.facts.notices, WITHOUT_CALLER];
    return { ...less, facts: { ...less.facts, notices } };
  }
}
