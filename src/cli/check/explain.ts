/** How the kernel engine treats a rule on this machine. */

import type { Diagnostic } from "../../base/diagnostic.ts";
import { startOf } from "../../base/position.ts";
import { compileRules, type KernelFacts } from "../../compiler/index.ts";
import { DEFAULT_RING_BYTES, readKernelFacts } from "../../engines/kernel/index.ts";
import type { CheckedRule, Presentation } from "../../language/index.ts";
import { isMachineFailure } from "../errors.ts";
import type { Explanation } from "./explanation.ts";
import { IO_URING_CALLS } from "./io-uring.ts";

const TRACEPOINTS =
  "raw tracepoint sys_enter and, where needed, sys_exit: every system call of the machine passes a " +
  "short test of its number; needs root";

/** Reads what it needs of this machine once; without privilege and without loading anything. */
export function openExplainer(): (rule: CheckedRule) => Explanation {
  const facts = readFacts();
  return (rule) => explain(rule, facts);
}

/** The facts, or why there are none. */
function readFacts(): KernelFacts | string {
  try {
    return readKernelFacts();
  } catch (error) {
    if (!isMachineFailure(error)) throw error;
    return error.message;
  }
}

function explain(rule: CheckedRule, facts: KernelFacts | string): Explanation {
  const presentations = rule.targets.flatMap((target) => target.presentations);
  const { line } = startOf(rule.span);
  return {
    rule: rule.name,
    at: `${rule.span.file.name}:${line}`,
    when: rule.when,
    covers: rule.targets.map((target) => ({
      name: target.name,
      calls: target.presentations.map(({ call, abi, nr }) => ({ call, abi, nr })),
    })),
    observed: typeof facts === "string" ? `not on this machine: ${facts}` : TRACEPOINTS,
    compat: explainCompat(presentations),
    ioUring: explainIoUring(presentations),
    actions: rule.actions.map(({ type }) => ({ type, how: explainAction(type, rule.when) })),
    race: explainRace(rule, presentations),
    refused: typeof facts === "string" ? [] : refusals(rule, facts),
  };
}

function explainCompat(presentations: readonly Presentation[]): string {
  const has = (abi: string): boolean => presentations.some((one) => one.abi === abi);
  if (!has("i386")) return "no 32-bit form of these calls is covered";
  if (!has("x86_64"))
    return "32-bit programs and int 0x80 only: the calls do not exist in 64-bit form";
  return "64-bit programs, 32-bit programs and int 0x80 in both are covered";
}

function explainIoUring(presentations: readonly Presentation[]): string {
  const calls = new Set(presentations.map(({ call }) => call));
  const possible = [...calls].filter((call) => IO_URING_CALLS.has(call));
  if (possible.length === 0) return "io_uring has no such operation";
  return `not seen when submitted through io_uring: ${possible.join(", ")}`;
}

function explainAction(type: string, when: "before" | "after"): string {
  switch (type) {
    case "LOG":
      return "a line for each matching call";
    case "KILL":
      return when === "before"
        ? "SIGKILL right after the call, which still takes effect"
        : "SIGKILL when the call has returned";
    case "SUSPEND":
      return when === "before"
        ? "SIGSTOP right after the call, which still takes effect"
        : "SIGSTOP when the call has returned";
    default:
      return "not supported by this version";
  }
}

function explainRace(rule: CheckedRule, presentations: readonly Presentation[]): string {
  const readsMemory = presentations.some(({ params }) =>
    params.some(({ type, source }) => type.kind !== "int" || source.kind === "memory"),
  );
  const isFiltered = rule.targets.some(({ filter }) => filter !== undefined);
  if (!readsMemory) return "none: all parameters are in registers";
  const what = isFiltered ? "filter and report" : "the report";
  return (
    `${what} use the caller's memory as it is when the call begins; another thread of the ` +
    "caller can change it before the kernel reads it"
  );
}

function refusals(rule: CheckedRule, facts: KernelFacts): readonly string[] {
  const result = compileRules([rule], { facts, ringBytes: DEFAULT_RING_BYTES, selfPid: 0 });
  return result.ok ? [] : result.diagnostics.map(refusal);
}

function refusal({ message, span }: Diagnostic): string {
  const { line, column } = startOf(span);
  return `${span.file.name}:${line}:${column}: ${message}`;
}
