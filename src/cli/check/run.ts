/** What `sct check` does. */

import type { Diagnostic } from "../../base/diagnostic.ts";
import { toJson } from "../../base/escape.ts";
import { diagnosticToJson, formatDiagnostic } from "../../base/print-diagnostic.ts";
import { type CheckedRuleSet, type Item, printItem } from "../../language/index.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { plural } from "../plural.ts";
import { parseFiles, printDiagnostics } from "../rules.ts";
import { hasColor, widthOf } from "../terminal.ts";
import { checkConfigurations, isConfiguration } from "./configuration.ts";
import { openExplainer } from "./explain.ts";
import { explainPolicies, type PolicyExplanation, policyText } from "./explain-policy.ts";
import type { Explanation } from "./explanation.ts";
import { explanationText } from "./explanation-text.ts";
import { refusedEverywhere } from "./refusals.ts";

interface Explained {
  readonly explanations: readonly Explanation[];
  readonly policies: readonly PolicyExplanation[];
}

export async function runCheck(args: CommandArguments): Promise<ExitCode> {
  const files = args.operands;
  if (files.length === 0) throw new UsageError("a rule file is missing");
  const configurations = files.filter(isConfiguration);
  if (configurations.length === files.length) return checkConfigurations(args, files);
  if (configurations.length > 0)
    throw new UsageError("check rules and configuration files one after the other");
  // an explanation has them, for this machine
  const refusals = args.has("explain") ? {} : { refusals: refusedEverywhere };
  const { ruleSet, diagnostics, meaning } = parseFiles(files, args, refusals);
  if (args.has("rules")) return printMeaning(args, ruleSet, diagnostics, meaning);
  const explained = args.has("explain") ? (ruleSet?.rules ?? []) : [];
  const alone = explained.filter(({ policy }) => policy === undefined);
  const explanations = alone.length > 0 ? alone.map(await openExplainer()) : [];
  const policies = await explainPolicies(explained);
  const text = args.has("json")
    ? json(files, ruleSet, diagnostics, { explanations, policies })
    : pretty(ruleSet, diagnostics, { explanations, policies });
  process.stdout.write(`${text}\n`);
  const isRefused = explanations.some(({ refused }) => refused.length > 0);
  return ruleSet === undefined || isRefused ? ExitCode.found : ExitCode.good;
}

/** Rules on standard output, to be read again; what is said of them beside it. */
function printMeaning(
  args: CommandArguments,
  ruleSet: CheckedRuleSet | undefined,
  diagnostics: readonly Diagnostic[],
  meaning: readonly Item[],
): ExitCode {
  if (args.has("explain") || args.has("json"))
    throw new UsageError("--rules prints rules: leave --explain and --json out");
  printDiagnostics(diagnostics);
  if (ruleSet === undefined) return ExitCode.found;
  process.stdout.write(meaning.map((item) => `${printItem(item)}\n`).join("\n"));
  return ExitCode.good;
}

function pretty(
  ruleSet: CheckedRuleSet | undefined,
  diagnostics: readonly Diagnostic[],
  { explanations, policies }: Explained,
): string {
  const options = { color: hasColor(process.stdout), width: widthOf(process.stdout) };
  return [
    ...diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, options)),
    verdict(ruleSet, diagnostics),
    ...policies.map((one) => policyText(one, options.width)),
    ...explanations.map((one) => explanationText(one, options.width)),
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
  { explanations, policies }: Explained,
): string {
  return toJson({
    v: 1,
    files,
    ok: ruleSet !== undefined,
    rules: ruleSet?.rules.map(({ name }) => name) ?? null,
    diagnostics: diagnostics.map(diagnosticToJson),
    ...(explanations.length === 0 ? {} : { explanations }),
    ...(policies.length === 0 ? {} : { policies }),
  });
}
