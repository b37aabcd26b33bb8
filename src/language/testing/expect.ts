/** The verbs of the language's tests. */
import assert from "node:assert/strict";
import { formatDiagnosticLine } from "../../base/print-diagnostic.ts";
import {
  type CallView,
  evaluate,
  parseRules,
  printRules,
  SyntheticCall,
  type Verdict,
} from "../index.ts";
import { testVocabulary } from "./vocabulary.ts";

/** Diagnostics of a text, one line each, without the file name. */
export function diagnosticsOf(text: string): string[] {
  const { diagnostics } = parseRules([{ name: "t", text }], testVocabulary);
  return diagnostics.map((d) => formatDiagnosticLine(d).replace(/^t:/, ""));
}

/** The text has exactly these diagnostics, each given by a part of its line. */
export function expectDiagnostics(text: string, ...expected: string[]): void {
  const lines = diagnosticsOf(text);
  assert.equal(lines.length, expected.length, `${text}\n${lines.join("\n")}`);
  for (const [i, part] of expected.entries()) {
    assert.ok(lines[i]?.includes(part), `${text}\nwanted: ${part}\n${lines.join("\n")}`);
  }
}

/** The text prints as this, and prints so again after another round. */
export function expectPrinted(text: string, printed: string): void {
  const once = printOf(text);
  assert.equal(once, printed);
  assert.equal(printOf(once), printed);
}

function printOf(text: string): string {
  return printRules(parseRules([{ name: "t", text }], testVocabulary).ast);
}

/** A rule around a filter. */
export function ruleOf(filter: string, call = "unlink", rest = ""): string {
  return `rule { syscall_name = ${call} filter_expression {${filter}} action { type = LOG } ${rest} }`;
}

export interface CallSetup {
  /** Definitions that the filter uses. */
  readonly lists?: string;
  readonly call?: string;
  readonly args?: readonly (bigint | string | Uint8Array | null)[];
  readonly variables?: Readonly<Record<string, bigint | string>>;
  readonly retval?: bigint;
  /** Changes the synthetic call, to make parts of it unreadable. */
  readonly adapt?: (view: CallView) => CallView;
}

const bytes = (value: string) => new TextEncoder().encode(value);

/** Verdict of a filter on a synthetic call. */
export function verdictOf(filter: string, setup: CallSetup = {}): Verdict {
  const name = setup.call ?? "unlink";
  const after = setup.retval !== undefined;
  const rule = ruleOf(filter, name, `syscall_match = exact ${after ? "when = after" : ""}`);
  const text = `${setup.lists ?? ""} ${rule}`;
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], testVocabulary);
  assert.ok(ruleSet, diagnostics.map(formatDiagnosticLine).join("\n"));
  const target = ruleSet.rules[0]?.targets[0];
  const presentation = target?.presentations[0];
  assert.ok(target && presentation);
  const args = (setup.args ?? []).map((arg) => (typeof arg === "string" ? bytes(arg) : arg));
  const variables = new Map(
    Object.entries(setup.variables ?? {}).map(([key, value]) => [
      key,
      typeof value === "string" ? bytes(value) : value,
    ]),
  );
  const before = new SyntheticCall({ name, args, variables }, testVocabulary);
  const call = after ? before.returned(setup.retval ?? 0n) : before;
  const view = call.view(presentation);
  return evaluate(target.filter, setup.adapt?.(view) ?? view, testVocabulary);
}
