/** What `sct test` does. */
import { escapeControls } from "../../base/escape.ts";
import { startOf } from "../../base/position.ts";
import { eventNames } from "../../engines/context/index.ts";
import { formatCall, WallClock } from "../../events/index.ts";
import { runTests, type TestResult } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { printNotice } from "../notice.ts";
import { plural } from "../plural.ts";
import { parseFiles, printDiagnostics } from "../rules.ts";

export async function runTest(args: CommandArguments): Promise<ExitCode> {
  if (args.operands.length === 0) throw new UsageError("a rule file is missing");
  // one by one: files that are not meant to be loaded together would decide each other's calls
  const parsed = args.operands.map((path) => parseFiles([path], args, { allow: ["left_open"] }));
  for (const { diagnostics } of parsed) printDiagnostics(diagnostics);
  const ruleSets = parsed.flatMap(({ ruleSet }) => ruleSet ?? []);
  if (ruleSets.length < parsed.length) return ExitCode.found;
  const context = { clock: new WallClock(0n), names: eventNames(), generation: 1 };
  const results = ruleSets.flatMap((ruleSet) =>
    runTests(ruleSet, vocabulary, (rule, action, call) => formatCall(rule, action, call, context)),
  );
  if (results.length === 0) printNotice("sct test", "warning: there is no test");
  const failed = results.filter(({ passed }) => !passed);
  const summary = `${plural(results.length, "test")}, ${failed.length} failed`;
  process.stdout.write([...failed.map(failureText), summary, ""].join("\n"));
  return failed.length === 0 ? ExitCode.good : ExitCode.found;
}

function failureText({ test: { title, span }, failures }: TestResult): string {
  const at = `${span.file.name}:${startOf(span).line}`;
  return [`failed: "${title}" (${at})`, ...failures.map((failure) => `  ${failure}`)]
    .map(escapeControls)
    .join("\n");
}
