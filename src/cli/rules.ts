/** Rules from the command line: files, `-` for standard input, rule text; includes beside the including file. */
import type { Diagnostic } from "../base/diagnostic.ts";
import { formatDiagnostic } from "../base/print-diagnostic.ts";
import type { SourceFile } from "../base/span.ts";
import { type CheckedRuleSet, type ParseResult, parseRules } from "../language/index.ts";
import { RuleFiles } from "../rule-files/index.ts";
import { vocabulary } from "../syscalls/index.ts";
import type { Arguments } from "./command.ts";
import { InputError, UsageError } from "./errors.ts";
import { hasColor } from "./terminal.ts";

/** Throws InputError. */
function readRules(files: RuleFiles, path: string): SourceFile {
  const result = files.read(path);
  if ("error" in result) throw new InputError(`cannot read '${path}': ${result.error}`);
  return result;
}

export function parseFiles(paths: readonly string[]): ParseResult {
  const files = new RuleFiles();
  const sources = paths.map((path) => readRules(files, path));
  return parseRules(sources, vocabulary, { loadInclude: files.include });
}

/** The rules of -f and -e, in the order given; undefined after errors, which have been told. */
export function loadRules(
  args: Arguments,
  tell: (diagnostics: readonly Diagnostic[]) => void = tellDiagnostics,
): CheckedRuleSet | undefined {
  const files = new RuleFiles();
  let texts = 0;
  const sources = args.ordered.flatMap(({ option, value }): SourceFile[] => {
    if (option === "file") return [readRules(files, value)];
    if (option !== "rule") return [];
    texts++;
    return [{ name: texts === 1 ? "-e" : `-e#${texts}`, text: value }];
  });
  if (sources.length === 0) throw new UsageError("rules are missing: give -f FILE or -e RULE");
  const { ruleSet, diagnostics } = parseRules(sources, vocabulary, { loadInclude: files.include });
  tell(diagnostics);
  return ruleSet;
}

export function tellDiagnostics(diagnostics: readonly Diagnostic[]): void {
  const options = { color: hasColor(process.stderr) };
  for (const diagnostic of diagnostics) {
    process.stderr.write(`${formatDiagnostic(diagnostic, options)}\n`);
  }
}
