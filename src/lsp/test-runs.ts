/** Tests of a file: a line above each that runs it, and what came of it. */
import type { CodeLens } from "vscode-languageserver";
import { eventNames } from "../engines/context/index.ts";
import { formatCall, WallClock } from "../events/index.ts";
import { runTests, type TestResult } from "../language/index.ts";
import { vocabulary } from "../linux/index.ts";
import { editorRange } from "./ranges.ts";
import type { RuleDocument } from "./rule-document.ts";

/** Arguments: the address of the file, and the title of one test or nothing. */
export const RUN_TESTS = "syscalltrack.runTests";

export function testLenses({ uri, file, result }: RuleDocument): CodeLens[] {
  const tests = result.ruleSet?.tests.filter(({ span }) => span.file === file) ?? [];
  return tests.map(({ title, span }) => ({
    range: editorRange({ file, start: span.start, end: span.start }),
    command: { title: "Run test", command: RUN_TESTS, arguments: [uri, title] },
  }));
}

/** Undefined: the rules have errors. */
export function runDocumentTests(
  { result }: RuleDocument,
  title: string | undefined,
): readonly TestResult[] | undefined {
  if (result.ruleSet === undefined) return undefined;
  const context = { clock: new WallClock(0n), names: eventNames(), generation: 1 };
  const results = runTests(result.ruleSet, vocabulary, (rule, action, call) =>
    formatCall(rule, action, call, context),
  );
  return results.filter(({ test }) => title === undefined || test.title === title);
}
