/** What `sct fmt` does. Each file stands for itself: one with an error keeps no other from being formatted. */
import { statSync } from "node:fs";
import { escapeControls } from "../../base/escape.ts";
import { formatRules } from "../../language/index.ts";
import { RuleFiles } from "../../rule-files/index.ts";
import type { CommandArguments } from "../command.ts";
import { InputError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { printDiagnostics } from "../rules.ts";
import { writeWhole } from "../write-whole.ts";

const STDIN = "-";

export function runFmt(args: CommandArguments): ExitCode {
  const files = new RuleFiles();
  const paths = args.operands.length === 0 ? [STDIN] : args.operands;
  const results = paths.map((path) => formatFile(files, path, args.has("check")));
  return results.includes(ExitCode.found) ? ExitCode.found : ExitCode.good;
}

/** Throws InputError where the file cannot be read or written. */
function formatFile(files: RuleFiles, path: string, isCheck: boolean): ExitCode {
  const source = files.read(path);
  if ("error" in source) throw new InputError(`cannot read '${path}': ${source.error}`);
  const { text, diagnostics } = formatRules(source);
  printDiagnostics(diagnostics);
  if (text === undefined) return ExitCode.found;
  const isChanged = text !== source.text;
  if (path === STDIN && !isCheck) process.stdout.write(text);
  else if (isChanged) {
    if (!isCheck) rewrite(path, text);
    process.stdout.write(`${escapeControls(source.name)}\n`);
  }
  return isCheck && isChanged ? ExitCode.found : ExitCode.good;
}

function rewrite(path: string, text: string): void {
  // what was read of a pipe is not there any more
  if (!statSync(path).isFile())
    throw new InputError(`'${path}' is no regular file: use standard input`);
  writeWhole(path, text);
}
