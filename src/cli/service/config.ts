/** What `sct config` does. */
import { escapeControls } from "../../base/escape.ts";
import type { SourceFile } from "../../base/span.ts";
import {
  type Answers,
  type ErrorAnswer,
  MAX_REVERT_MS,
  type Paths,
  type Reader,
} from "../../daemon/index.ts";
import { collectIncludes, compose } from "../../daemon/rules/rule-set.ts";
import { ask } from "../../daemon/socket/client.ts";
import { nearest } from "../../language/suggest.ts";
import { RuleFiles } from "../../rule-files/index.ts";
import type { CommandArguments } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { parseDurationUpToMs } from "../quantity.ts";
import { allowedBy, printDiagnostics } from "../rules.ts";
import { widthOf } from "../terminal.ts";
import { printError, printEscaped } from "./answer.ts";
import { describeChanges } from "./changes.ts";
import { findInstance } from "./instance.ts";
import { showingProgress } from "./showing-progress.ts";

const COMMAND = "sct config";

export async function runConfig(args: CommandArguments): Promise<ExitCode> {
  const [subcommand, ...operands] = args.operands;
  if (args.has("revert-after") && subcommand !== "replace") {
    throw new UsageError("--revert-after is for 'replace'");
  }
  if (args.has("allow") && !TAKE_RULES.has(subcommand ?? ""))
    throw new UsageError("--allow is for 'upload', 'replace' and 'diff'");
  const allow = allowedBy(args);
  switch (subcommand) {
    case "upload":
      return upload(filesOf(operands), allow, findInstance(args));
    case "replace":
      return replace(args, filesOf(operands), allow);
    case "diff":
      return diff(filesOf(operands), allow, findInstance(args));
    case "download":
      return download(findInstance(args), operands);
    case "delete":
      return remove(findInstance(args), operands);
    case "confirm":
      return confirm(findInstance(args), operands);
    case undefined:
      throw new UsageError("upload, download, delete, replace, diff or confirm is missing");
    default:
      throw new UsageError(unknownCommand(subcommand));
  }
}

const TAKE_RULES: ReadonlySet<string> = new Set(["upload", "replace", "diff"]);
const SUBCOMMANDS = ["upload", "download", "delete", "replace", "diff", "confirm"];

/** What other tools call them. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ...["list", "ls", "show", "dump", "get"].map((name): [string, string] => [name, "download"]),
  ...["reload", "load", "set", "apply", "update"].map((name): [string, string] => [
    name,
    "replace",
  ]),
  ...["add", "put"].map((name): [string, string] => [name, "upload"]),
  ...["remove", "rm", "clear", "flush"].map((name): [string, string] => [name, "delete"]),
]);

function unknownCommand(name: string): string {
  const meant = MEANT.get(name) ?? nearest(name, SUBCOMMANDS);
  return `unknown command '${name}'${meant === undefined ? "" : `, did you mean '${meant}'?`}`;
}

type Codes = readonly string[];

async function upload(files: readonly string[], allow: Codes, paths: Paths): Promise<ExitCode> {
  const source = await ask(paths, "download", {});
  if (!source.ok) return printError(source, COMMAND);
  const request = readChecked(files, source.source, allow);
  if (request === undefined) return ExitCode.found;
  const answer = await showingProgress(paths, ask(paths, "upload", request));
  return finishChange(answer, () => {
    for (const file of files) say(`Successfully uploaded rules from file '${file}'`);
  });
}

async function replace(
  args: CommandArguments,
  files: readonly string[],
  allow: Codes,
): Promise<ExitCode> {
  const revertAfter = args.last("revert-after");
  const revert =
    revertAfter === undefined
      ? {}
      : { revertAfterMs: parseDurationUpToMs(revertAfter, "--revert-after", MAX_REVERT_MS) };
  const paths = findInstance(args);
  const request = readChecked(files, "", allow);
  if (request === undefined) return ExitCode.found;
  const answer = await showingProgress(paths, ask(paths, "replace", { ...request, ...revert }));
  return finishChange(answer, () => {
    for (const file of files) say(`Successfully replaced rules by those from file '${file}'`);
    if (revertAfter === undefined) return;
    say(`Those before come back after ${revertAfter} unless 'sct config confirm' is run`);
  });
}

async function diff(files: readonly string[], allow: Codes, paths: Paths): Promise<ExitCode> {
  const answer = await ask(paths, "download", {});
  if (!answer.ok) return printError(answer, COMMAND);
  const { sources, include: loadInclude } = read(files);
  const { composition, diagnostics } = compose("", sources, { loadInclude, allow });
  printDiagnostics(diagnostics);
  if (composition === undefined) return ExitCode.found;
  const changes = describeChanges(answer.source, composition.source);
  if (changes === "") return ExitCode.good;
  process.stdout.write(changes);
  return ExitCode.found;
}

async function download(paths: Paths, operands: readonly string[]): Promise<ExitCode> {
  refuseOperands(operands);
  const answer = await ask(paths, "download", {});
  if (!answer.ok) return printError(answer, COMMAND);
  process.stdout.write(answer.source);
  return ExitCode.good;
}

async function remove(paths: Paths, names: readonly string[]): Promise<ExitCode> {
  const request = ask(paths, "delete", {
    ...(names.length === 0 ? {} : { names }),
    ...reader(),
  });
  return finishChange(await showingProgress(paths, request), () => {
    if (names.length === 0) say("Successfully deleted all rules");
    for (const name of names) say(`Successfully deleted rule '${name}'`);
  });
}

async function confirm(paths: Paths, operands: readonly string[]): Promise<ExitCode> {
  refuseOperands(operands);
  const answer = await ask(paths, "confirm", {});
  if (!answer.ok) return printError(answer, COMMAND);
  say("Successfully confirmed: the rules in force stay");
  return ExitCode.good;
}

function finishChange(answer: Answers["upload"] | ErrorAnswer, success: () => void): ExitCode {
  if (!answer.ok) return printError(answer, COMMAND);
  for (const notice of answer.notices) printEscaped(`${COMMAND}: ${notice}`);
  success();
  return ExitCode.good;
}

/** What the service says of rules is printed on standard error. */
function reader(): Reader {
  const width = widthOf(process.stderr);
  return width === undefined ? {} : { width };
}

/** Rules that are wrong are reported here, with colours and without bothering the service, which checks again. */
function readChecked(files: readonly string[], inForce: string, allow: Codes) {
  const { sources, include } = read(files);
  const { includes, loadInclude } = collectIncludes(sources, include);
  const { composition, diagnostics } = compose(inForce, sources, { loadInclude, allow });
  printDiagnostics(diagnostics);
  return composition === undefined ? undefined : { files: sources, includes, ...reader() };
}

function read(paths: readonly string[]) {
  const reader = new RuleFiles();
  const sources = paths.map((path): SourceFile => {
    const file = reader.read(path);
    if ("error" in file) throw new InputError(`cannot read '${path}': ${file.error}`);
    return file;
  });
  return { sources, include: reader.include };
}

function filesOf(operands: readonly string[]): readonly string[] {
  if (operands.length === 0) throw new UsageError("a rule file is missing");
  return operands;
}

function refuseOperands([operand]: readonly string[]): void {
  if (operand !== undefined) throw new UsageError(`unexpected argument '${operand}'`);
}

function say(line: string): void {
  process.stdout.write(`${escapeControls(line)}\n`);
}
