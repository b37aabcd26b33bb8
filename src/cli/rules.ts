/** Rules from the command line: files, `-` for standard input, rule text; includes beside the including file. */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { formatDiagnostic } from "../base/print-diagnostic.ts";
import type { SourceFile } from "../base/span.ts";
import { type CheckedRuleSet, type ParseResult, parseRules } from "../language/index.ts";
import { vocabulary } from "../syscalls/index.ts";
import type { Arguments } from "./command.ts";
import { InputError, UsageError } from "./errors.ts";
import { hasColor } from "./terminal.ts";

const STDIN = "-";
const STDIN_NAME = "<stdin>";

/** Reads rule texts. A file that is reached by two paths is one file, under the name it had first. */
export class RuleFiles {
  private readonly names = new Map<string, string>();

  /** Throws InputError. */
  read(path: string): SourceFile {
    const result = this.tryRead(path);
    if ("error" in result) throw new InputError(`cannot read '${path}': ${result.error}`);
    return result;
  }

  /** For the parser: `path` as it stands in the file `from`. */
  readonly include = (path: string, from: SourceFile): SourceFile | { error: string } => {
    const directory = from.name === STDIN_NAME ? "." : dirname(from.name);
    return this.tryRead(isAbsolute(path) ? path : join(directory, path));
  };

  private tryRead(path: string): SourceFile | { error: string } {
    try {
      if (path === STDIN) return { name: STDIN_NAME, text: decode(readFileSync(0)) };
      const real = realpathSync(path);
      const name = this.names.get(real) ?? path;
      this.names.set(real, name);
      return { name, text: decode(readFileSync(real)) };
    } catch (error) {
      return { error: reason(error) };
    }
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** Why a file cannot be opened, in words. */
export function reason(error: unknown): string {
  if (error instanceof TypeError) return "it is not UTF-8 text";
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a directory";
    case "ELOOP":
      return "too many symbolic links";
    default:
      if (code === undefined) throw error;
      return code;
  }
}

export function parseFiles(paths: readonly string[]): ParseResult {
  const files = new RuleFiles();
  const sources = paths.map((path) => files.read(path));
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
    if (option === "file") return [files.read(value)];
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
