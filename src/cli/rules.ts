/** Rules from the command line: files, `-` for standard input, rule text; includes beside the including file. */
import type { Diagnostic } from "../base/diagnostic.ts";
import { formatDiagnostic } from "../base/print-diagnostic.ts";
import type { SourceFile } from "../base/span.ts";
import { Accounts } from "../files/index.ts";
import {
  type CheckedRuleSet,
  type ParseOptions,
  type ParseResult,
  parseRules,
  warningCodes,
} from "../language/index.ts";
import { nearest } from "../language/suggest.ts";
import { vocabulary } from "../linux/index.ts";
import { RuleFiles } from "../rule-files/index.ts";
import type { CommandArguments } from "./command.ts";
import { InputError, UsageError } from "./errors.ts";
import { withPacks } from "./packs/load.ts";
import { hasColor, widthOf } from "./terminal.ts";

/** Throws InputError for a file that cannot be read. */
function readRules(files: RuleFiles, path: string): SourceFile | Diagnostic {
  const result = files.read(path);
  if (!("error" in result)) return result;
  if (!result.isBinary) throw new InputError(`cannot read '${path}': ${result.error}`);
  return atStart({ name: path, text: "" }, "not_text", "The file is not UTF-8 text");
}

/** `allow`: codes of warnings that mean nothing to the command. */
export function parseFiles(
  paths: readonly string[],
  args: CommandArguments,
  { allow = [], ...options }: Pick<ParseOptions, "allow" | "refusals"> = {},
): ParseResult {
  const files = new RuleFiles();
  return parseSources(
    files,
    paths.map((path) => readRules(files, path)),
    { ...options, allow: [...allowedBy(args), ...allow] },
  );
}

/** A file that is named must have something in it: an empty one is an error, as is one that is no text. */
function parseSources(
  files: RuleFiles,
  given: readonly (SourceFile | Diagnostic)[],
  options: Pick<ParseOptions, "allow" | "refusals">,
): ParseResult {
  const sources = given.filter((one) => "text" in one);
  const result = parseRules(sources, vocabulary, {
    loadInclude: files.include,
    accounts: new Accounts(),
    ...options,
  });
  const withErrors = new Set(result.diagnostics.map(({ span }) => span.file));
  const empty = result.ast
    .filter(({ items, file }) => items.length === 0 && sources.includes(file))
    .filter(({ file }) => !withErrors.has(file))
    .map(({ file }) => atStart(file, "empty_file", "The file holds no rule, test or definition"));
  const more = [...given.filter((one) => "code" in one), ...empty];
  if (more.length === 0) return result;
  return { ...result, ruleSet: undefined, diagnostics: [...more, ...result.diagnostics] };
}

/** Codes of --allow. Throws UsageError for one that is no warning. */
export function allowedBy(args: CommandArguments): readonly string[] {
  const codes = args.all("allow").flatMap((value) => value.split(/[\s,]+/));
  const unknown = codes.find((code) => !warningCodes.includes(code));
  if (unknown === undefined) return codes;
  const meant = nearest(unknown, warningCodes);
  throw new UsageError(
    `no warning is called '${unknown}'${meant === undefined ? "" : `, did you mean '${meant}'?`}`,
  );
}

function atStart(file: SourceFile, code: string, message: string): Diagnostic {
  const hint = "a rule is `rule { syscall_name = unlink action { type = LOG } }`";
  return { code, severity: "error", message, span: { file, start: 0, end: 0 }, hint };
}

/**
 * The rules of -f, -e and --deny in the order given, and `shortRules` behind them; undefined after errors, which have been reported.
 * `allow`: codes of warnings that mean nothing to the engine.
 */
export function loadRules(
  args: CommandArguments,
  print: (diagnostics: readonly Diagnostic[]) => void = printDiagnostics,
  shortRules: readonly string[] = [],
  allow: readonly string[] = [],
): CheckedRuleSet | undefined {
  const files = new RuleFiles();
  let texts = 0;
  const argument = (text: string): SourceFile => {
    texts++;
    return { name: texts === 1 ? "-e" : `-e#${texts}`, text, isArgument: true };
  };
  const sources = args.ordered.flatMap(({ option, value }): (SourceFile | Diagnostic)[] => {
    if (option === "file") return [readRules(files, value)];
    if (option === "deny") {
      const text = `${value} then FAIL EACCES`;
      return [{ name: `--deny ${value}`, text, isArgument: true }];
    }
    return option === "rule" ? [argument(value)] : [];
  });
  sources.push(...shortRules.map(argument));
  const all = withPacks(args.all("pack"), (path) => readRules(files, path), sources);
  if (all.length === 0) throw new UsageError("rules are missing: give -f FILE or -e RULE");
  const { ruleSet, diagnostics } = parseSources(files, all, {
    allow: [...allowedBy(args), ...allow],
  });
  print(diagnostics);
  return ruleSet;
}

export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  const options = { color: hasColor(process.stderr), width: widthOf(process.stderr) };
  for (const diagnostic of diagnostics) {
    process.stderr.write(`${formatDiagnostic(diagnostic, options)}\n`);
  }
}
