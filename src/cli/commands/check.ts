/** `sct check`: diagnostics, and with --explain what a rule sees and does on this machine. */

import type { Diagnostic } from "../../base/diagnostic.ts";
import { diagnosticToJson, formatDiagnostic } from "../../base/print-diagnostic.ts";
import type { CheckedRuleSet } from "../../language/index.ts";
import { openExplainer } from "../check/explain.ts";
import type { Explanation } from "../check/explanation.ts";
import { explanationText } from "../check/explanation-text.ts";
import type { Arguments, Command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { plural } from "../plural.ts";
import { parseFiles } from "../rules.ts";
import { hasColor } from "../terminal.ts";

export const check: Command = {
  usage: "FILE... [--explain] [--json]",
  about: `Check the rule files together, as they would be loaded, and print all errors and warnings.
Runs without privilege, anywhere. Exit status 1 when there is an error.`,
  options: [
    { name: "explain", help: "tell for each rule how it is observed and enforced here" },
    { name: "json", help: "print one JSON object" },
  ],
  examples: ["sct check examples/article1.conf", "sct check --explain examples/ptrace.conf"],
  run,
};

async function run(args: Arguments): Promise<ExitCode> {
  const files = args.operands;
  if (files.length === 0) throw new UsageError("a rule file is missing");
  const { ruleSet, diagnostics } = parseFiles(files);
  const explanations = args.has("explain") && ruleSet ? ruleSet.rules.map(openExplainer()) : [];
  const text = args.has("json")
    ? json(files, ruleSet, diagnostics, explanations)
    : pretty(ruleSet, diagnostics, explanations);
  process.stdout.write(`${text}\n`);
  return ruleSet === undefined ? ExitCode.found : ExitCode.good;
}

function pretty(
  ruleSet: CheckedRuleSet | undefined,
  diagnostics: readonly Diagnostic[],
  explanations: readonly Explanation[],
): string {
  const color = hasColor(process.stdout);
  return [
    ...diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, { color })),
    verdict(ruleSet, diagnostics),
    ...explanations.map(explanationText),
  ].join("\n");
}

/** `2 rules, 1 test: no errors, 1 warning` */
function verdict(ruleSet: CheckedRuleSet | undefined, diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const found = `${errors === 0 ? "no errors" : plural(errors, "error")}${
    warnings === 0 ? "" : `, ${plural(warnings, "warning")}`
  }`;
  if (ruleSet === undefined) return found;
  return `${plural(ruleSet.rules.length, "rule")}, ${plural(ruleSet.tests.length, "test")}: ${found}`;
}

function json(
  files: readonly string[],
  ruleSet: CheckedRuleSet | undefined,
  diagnostics: readonly Diagnostic[],
  explanations: readonly Explanation[],
): string {
  return JSON.stringify({
    v: 1,
    files,
    ok: ruleSet !== undefined,
    rules: ruleSet?.rules.map(({ name }) => name) ?? null,
    diagnostics: diagnostics.map(diagnosticToJson),
    ...(explanations.length === 0 ? {} : { explanations }),
  });
}
