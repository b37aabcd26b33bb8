/** Rules as the library hands them out: checked, and closed to the outside. */
import type { Diagnostic } from "../base/diagnostic.ts";
import { diagnosticToJson, formatDiagnostic } from "../base/print-diagnostic.ts";
import type { SourceFile } from "../base/span.ts";
import { Accounts } from "../files/index.ts";
import { type CheckedRule, parseRules as parseSources } from "../language/index.ts";
import { vocabulary } from "../linux/index.ts";
import { RuleFiles } from "../rule-files/index.ts";

/** Something wrong (error) or probably wrong (warning) with a rule text; `code` is stable. */
export interface RuleProblem {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
  readonly expected?: string;
  readonly hint?: string;
}

/** Rules that cannot be used. The message shows each problem with its line; `problems` is the same as data. */
export class RulesError extends Error {
  override readonly name = "RulesError";
  readonly problems: readonly RuleProblem[];

  /** @internal */
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((one) => formatDiagnostic(one)).join("\n"));
    this.problems = diagnostics.map(problemOf);
  }
}

const checked = new WeakMap<RuleSet, readonly CheckedRule[]>();

/** Parsed and checked rules, for `watch`, `run` and the functions of `syscalltrack/testing`. */
export class RuleSet {
  /** Names of the rules, in order. */
  readonly names: readonly string[];
  /** What is legal and probably wrong. */
  readonly warnings: readonly RuleProblem[];

  /** @internal */
  constructor(rules: readonly CheckedRule[], diagnostics: readonly Diagnostic[]) {
    checked.set(this, rules);
    this.names = rules.map(({ name }) => name);
    this.warnings = diagnostics.map(problemOf);
  }
}

export interface ParseRulesOptions {
  /** Name of the text in problems and in names of rules that have none; `include` looks beside it. */
  readonly file?: string;
}

/** Parses and checks rule text. Throws RulesError with all problems of the text. */
export function parseRules(text: string, options: ParseRulesOptions = {}): RuleSet {
  return parse([{ name: options.file ?? "rules", text }], new RuleFiles());
}

/** Reads rule files, which are one rule set together. Throws RulesError, or an Error for a file that cannot be read. */
export function readRules(...paths: readonly string[]): RuleSet {
  const files = new RuleFiles();
  const sources = paths.map((path) => {
    const source = files.read(path);
    if ("error" in source) throw new Error(`Cannot read '${path}': ${source.error}`);
    return source;
  });
  return parse(sources, files);
}

/** What the engines take. */
export function checkedRules(rules: RuleSet | string): readonly CheckedRule[] {
  return checked.get(typeof rules === "string" ? parseRules(rules) : rules) ?? [];
}

function parse(sources: readonly SourceFile[], files: RuleFiles): RuleSet {
  const { ruleSet, diagnostics } = parseSources(sources, vocabulary, {
    loadInclude: files.include,
    accounts: new Accounts(),
  });
  if (ruleSet === undefined) throw new RulesError(diagnostics);
  return new RuleSet(ruleSet.rules, diagnostics);
}

function problemOf(diagnostic: Diagnostic): RuleProblem {
  return diagnosticToJson(diagnostic) as unknown as RuleProblem;
}
