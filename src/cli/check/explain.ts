/** How the kernel engine treats a rule on this machine: by compiling it, without loading anything. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { startOf } from "../../base/position.ts";
import { type Attachment, type CompileResult, compileRules } from "../../compiler/index.ts";
import { DEFAULT_RING_BYTES, probeMachine } from "../../engines/kernel/index.ts";
import type { CheckedRule, Presentation } from "../../language/index.ts";
import { isMachineFailure } from "../errors.ts";
import type { Explanation } from "./explanation.ts";
import { IO_URING_CALLS } from "./io-uring.ts";

type Machine = ReturnType<typeof probeMachine>;

/** Probes this machine once. */
export function openExplainer(): (rule: CheckedRule) => Explanation {
  const machine = findMachine();
  return (rule) => explain(rule, machine);
}

/** The machine, or why rules cannot be compiled for it. */
function findMachine(): Machine | string {
  try {
    return probeMachine();
  } catch (error) {
    if (!isMachineFailure(error)) throw error;
    return error.message;
  }
}

function explain(rule: CheckedRule, machine: Machine | string): Explanation {
  const presentations = rule.targets.flatMap((target) => target.presentations);
  const { line } = startOf(rule.span);
  const result =
    typeof machine === "string"
      ? undefined
      : compileRules([rule], { machine, ringBytes: DEFAULT_RING_BYTES });
  return {
    rule: rule.name,
    at: `${rule.span.file.name}:${line}`,
    when: rule.when,
    covers: rule.targets.map((target) => ({
      name: target.name,
      calls: target.presentations.map(({ call, abi, nr }) => ({ call, abi, nr })),
    })),
    programs: programsOf(result),
    compat: explainCompat(presentations),
    ioUring: explainIoUring(presentations, result),
    actions: rule.actions.map(({ type }) => type),
    race: explainRace(rule, presentations),
    refused: typeof machine === "string" ? [`not on this machine: ${machine}`] : refusalsOf(result),
  };
}

/** Where the programs of the rule would be attached, each place once. */
function programsOf(result: CompileResult | undefined): readonly string[] {
  if (result?.ok !== true) return [];
  return [...new Set(result.compiled.programs.map(({ attachment }) => place(attachment)))];
}

function place(attachment: Attachment): string {
  return attachment.kind === "raw_tracepoint"
    ? `raw tracepoint ${attachment.name}`
    : `${attachment.kind} ${attachment.function}`;
}

function refusalsOf(result: CompileResult | undefined): readonly string[] {
  return result === undefined || result.ok ? [] : result.diagnostics.map(refusal);
}

function refusal({ message, span }: Diagnostic): string {
  const { line, column } = startOf(span);
  return `${span.file.name}:${line}:${column}: ${message}`;
}

function explainCompat(presentations: readonly Presentation[]): string {
  const has = (abi: string): boolean => presentations.some((one) => one.abi === abi);
  if (!has("i386")) return "no 32-bit form of these calls is covered";
  if (!has("x86_64")) return "32-bit programs and int 0x80 only: there is no 64-bit form";
  return "64-bit programs, 32-bit programs and int 0x80 in both are covered";
}

function explainIoUring(
  presentations: readonly Presentation[],
  result: CompileResult | undefined,
): string {
  const calls = new Set(presentations.map(({ call }) => call));
  const possible = [...calls].filter((call) => IO_URING_CALLS.has(call)).join(", ");
  if (possible === "") return "has no such operation";
  const hasHooks =
    result?.ok === true &&
    result.compiled.programs.some(({ attachment: { kind } }) => kind === "lsm" || kind === "hook");
  return hasHooks
    ? `submitted through io_uring, seen in the security hooks they reach: ${possible}`
    : `not seen when submitted through io_uring: ${possible}`;
}

function explainRace(rule: CheckedRule, presentations: readonly Presentation[]): string {
  const readsMemory = presentations.some(({ params }) =>
    params.some(({ type, source }) => type.kind !== "int" || source.kind === "memory"),
  );
  if (!readsMemory) return "none: all parameters are in registers";
  const isFiltered = rule.targets.some(({ filter }) => filter !== undefined);
  return (
    `${isFiltered ? "the filter and the report use" : "the report uses"} the caller's memory as it ` +
    "is when the call begins; another thread can change it before the kernel reads it"
  );
}
