/** How the kernel engine treats a rule on this machine: by compiling it, without loading anything. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { startOf } from "../../base/position.ts";
import {
  type Attachment,
  type CallEnforcement,
  type CompiledProgram,
  type CompileResult,
  leaveOutUnknown,
} from "../../compiler/index.ts";
import { ENGINES } from "../../engines/engines.ts";
import { MECHANISMS } from "../../engines/supervised/index.ts";
import {
  type CheckedRule,
  type CountAction,
  countOf,
  inputsOf,
  keyTextBytes,
  leftOpenBy,
  mostRows,
  type Presentation,
} from "../../language/index.ts";
import { isNative, ringOperation, vocabulary } from "../../linux/index.ts";
import { isMachineFailure } from "../errors.ts";
import { canTryKernel, NOT_TRIED } from "../kernel-trial.ts";
import { explainCounts } from "./counts.ts";
import { foundElsewhere } from "./elsewhere.ts";
import type { Explanation } from "./explanation.ts";
import { refusedEverywhere } from "./refusals.ts";

type ExplainSystemWide = Awaited<ReturnType<typeof ENGINES.kernel.explain>>;
type ExplainCommand = Awaited<ReturnType<typeof ENGINES.supervised.explain>>;
type Machine = ExplainSystemWide["machine"];

/** Probes this machine once. */
export async function openExplainer(): Promise<(rule: CheckedRule) => Explanation> {
  const systemWide = await openKernel();
  const forCommand = await ENGINES.supervised.explain();
  return (rule) => explain(rule, systemWide, forCommand);
}

/** Why there is no machine to compile rules for. */
interface NoMachine {
  readonly why: string;
  /** Nobody may try what it can do: rules may be loaded here, or not. */
  readonly isUntried: boolean;
}

async function openKernel(): Promise<ExplainSystemWide | NoMachine> {
  try {
    const explainer = await ENGINES.kernel.explain();
    return canTryKernel() ? explainer : { why: NOT_TRIED, isUntried: true };
  } catch (error) {
    if (!isMachineFailure(error)) throw error;
    return { why: error.message, isUntried: false };
  }
}

function explain(
  rule: CheckedRule,
  found: ExplainSystemWide | NoMachine,
  forCommand: ExplainCommand,
): Explanation {
  const machine = "why" in found ? undefined : found.machine;
  const result = "why" in found ? undefined : found(rule).result;
  const untried = "why" in found && found.isUntried ? found.why : null;
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
    elsewhere: foundElsewhere(rule),
    leftOut: leftOut(rule, machine),
    programs: programsOf(result),
    counts: explainCounts(rule),
    compat: explainCompat(presentations),
    ioUring: explainIoUring(presentations, untried === null ? result : "untried"),
    actions: rule.actions.map(({ type }) => ({
      type,
      how: explainAction(rule, type, machine, result),
    })),
    race: explainRace(rule, presentations, result),
    leftOpen: leftOpenBy(rule, vocabulary),
    run: explainRun(rule, forCommand),
    refused: "why" in found ? refusalsWithout(found, rule) : refusalsOf(result),
    untried,
  };
}

/** Members of the rule's classes that are not meant, with the reason. */
function leftOut(rule: CheckedRule, machine: Machine | undefined): Explanation["leftOut"] {
  const unknown = leaveOutUnknown([rule], machine).leftOut.flatMap(({ calls }) => calls);
  const meaningless = rule.leftOut ?? [];
  return [
    ...(meaningless.length > 0
      ? [{ calls: meaningless, why: "they have nothing of what the filter looks at" }]
      : []),
    ...(unknown.length > 0
      ? [{ calls: unknown, why: "system-wide, no program receives their file" }]
      : []),
  ];
}

/** Where the programs of the rule would be attached: kinds that are at the same places together. */
function programsOf(result: CompileResult | undefined): Explanation["programs"] {
  if (result?.ok !== true) return [];
  const byKind = new Map<string, Set<string>>();
  for (const { attachment } of result.compiled.programs) {
    const kind = kindOf(attachment);
    const at = attachment.kind === "raw_tracepoint" ? attachment.name : attachment.function;
    byKind.set(kind, (byKind.get(kind) ?? new Set()).add(at));
  }
  const byPlaces = new Map<string, { kinds: string[]; at: string[] }>();
  for (const [kind, places] of byKind) {
    const at = [...places].sort();
    const same = byPlaces.get(at.join());
    if (same === undefined) byPlaces.set(at.join(), { kinds: [kind], at });
    else same.kinds.push(kind);
  }
  return [...byPlaces.values()];
}

function kindOf(attachment: Attachment): string {
  if (attachment.kind === "raw_tracepoint") return "raw tracepoint";
  const sleeps = "sleeps" in attachment && attachment.sleeps === true;
  return sleeps ? `sleepable ${attachment.kind}` : attachment.kind;
}

function refusalsWithout({ why, isUntried }: NoMachine, rule: CheckedRule): readonly string[] {
  return isUntried ? refusedEverywhere([rule]).map(refusal) : [`not on this machine: ${why}`];
}

function refusalsOf(result: CompileResult | undefined): readonly string[] {
  return result === undefined || result.ok ? [] : result.diagnostics.map(refusal);
}

function refusal({ message, span, hint }: Diagnostic): string {
  const { line, column } = startOf(span);
  const help = hint === undefined ? "" : ` (${hint})`;
  return `${span.file.name}:${line}:${column}: ${message}${help}`;
}

function explainCompat(presentations: readonly Presentation[]): string {
  const has = (isWanted: boolean): boolean =>
    presentations.some(({ abi }) => isNative(abi) === isWanted);
  if (!has(false)) return "no 32-bit form of these calls is covered";
  if (!has(true)) return "32-bit programs and int 0x80 only: there is no 64-bit form";
  return "64-bit programs, 32-bit programs and int 0x80 in both are covered";
}

function explainIoUring(
  presentations: readonly Presentation[],
  result: CompileResult | undefined | "untried",
): string {
  const calls = new Set(presentations.map(({ call }) => call));
  const possible = [...calls].filter((call) => ringOperation(call) !== undefined);
  if (possible.length === 0) return "has no such operation";
  if (result === "untried")
    return `submitted through io_uring, seen at most where security hooks can be used: ${possible.join(", ")}`;
  const reached = result?.ok === true ? result.compiled.ring.seen : [];
  const seen = possible.filter((call) => reached.includes(call));
  const unseen = possible.filter((call) => !reached.includes(call));
  return [
    ...(seen.length === 0
      ? []
      : [`submitted through io_uring, seen in the security hooks they reach: ${seen.join(", ")}`]),
    ...(unseen.length === 0
      ? []
      : [`not seen when submitted through io_uring: ${unseen.join(", ")}`]),
  ].join("; ");
}

/** Whether what the filter saw is what the call uses. */
function explainRace(
  rule: CheckedRule,
  presentations: readonly Presentation[],
  result: CompileResult | undefined,
): string {
  const { memory, files, descriptors } = inputsOf(rule);
  const texts = presentations.some(({ params }) =>
    params.some(({ type, source }) => type.kind !== "int" || source.kind === "memory"),
  );
  const reported = texts ? "; texts of the report are the caller's memory as it was read" : "";
  const enforcement = result?.ok === true ? result.compiled.enforcement : [];
  const copied = new Set(enforcement.flatMap(({ onCopy, call }) => (onCopy ? [call] : [])));
  if (copied.size > 0 && enforcement.every(({ onCopy }) => onCopy))
    return "none: decided on the kernel's own copy of the address";
  if (memory && copied.size > 0)
    return `${[...copied].join(", ")}: decided on the kernel's own copy of the address; others: on the caller's memory, which another thread can change before the kernel reads it`;
  if (memory)
    return "the filter uses the caller's memory as it is when the call begins; another thread can change it before the kernel reads it";
  if (descriptors)
    return "the filter uses what descriptors stand for when the call begins; another thread can put another file in the place of one before the kernel looks";
  if (files) return `none: decided on the files that the kernel itself has resolved${reported}`;
  return `none: decided on registers and on what the kernel knows of the caller${reported}`;
}

/** How much of what is counted is kept apart. */
function roomOf(counts: CountAction): string {
  if (counts.by.length === 0) return "all calls together";
  const hasText = counts.by.some(({ is }) => is === "text");
  const texts = hasText ? `; the first ${keyTextBytes(counts)} bytes of a text count` : "";
  return `up to ${mostRows(counts)} different keys, all others together${texts}`;
}

/** When and how an action of the rule takes effect, a line for each way; none: as ever. */
function explainAction(
  rule: CheckedRule,
  type: string,
  machine: Machine | undefined,
  result: CompileResult | undefined,
): readonly string[] {
  const counts = countOf(rule);
  if (type === "COUNT" && counts !== undefined) return [roomOf(counts)];
  if (["LOG", "REWRITE"].includes(type) || machine === undefined) return [];
  if (result?.ok !== true) return ["refused, see below"];
  if (rule.when === "after") return ["when the call returns"];
  const ways = new Map<string, Set<string>>();
  for (const enforcement of result.compiled.enforcement) {
    const way = wayOf(enforcement, machine, result.compiled.programs);
    ways.set(way, (ways.get(way) ?? new Set()).add(enforcement.call));
  }
  return [...ways].map(([way, calls]) => `${way}: ${[...calls].join(", ")}`);
}

function wayOf(
  { by, hooks }: CallEnforcement,
  machine: Machine,
  programs: readonly CompiledProgram[],
): string {
  if (by === "nothing") return "right after the call, which still happens";
  const preempted = (kind: string | undefined): string =>
    machine.isPreemptive && kind !== "lsm"
      ? `${kind}; a run that the kernel skips under preemption lets the call through`
      : `${kind}`;
  const inHooks = `in security hooks ${hooks.join(", ")} (${preempted(machine.hookKind)})`;
  if (by === "hooks") return `before the call has any effect, ${inHooks}`;
  const kinds = programs.flatMap(({ attachment }) =>
    decidesCall(attachment) ? [attachment.kind] : [],
  );
  const late = hooks.length > 0 ? `; if its text is not in memory yet, ${inHooks}` : "";
  return `before the call, by the return value of its function (${preempted([...new Set(kinds)].join(" and "))})${late}`;
}

/** The program returns what the call's own function would have. */
function decidesCall(attachment: Attachment): boolean {
  return attachment.kind === "fmod_ret" || (attachment.kind === "kprobe" && attachment.overrides);
}

/** The other engine, for one command. */
export function explainRun(rule: CheckedRule, forCommand: ExplainCommand): string {
  const { decides, mechanism, refusedSetups, refused, hasRace } = forCommand(rule);
  if (refused.length > 0) return `refused: ${refused.map(({ message }) => message).join("; ")}`;
  const acting = rule.actions.some(({ type }) => type !== "LOG");
  const parts = [
    decides === "seccomp filter"
      ? "decided in the seccomp filter with -q, else by sct, which counts what is denied"
      : `${decides} decides, by ${MECHANISMS[mechanism].name}`,
    ...(acting && hasRace
      ? ["a thread that changes memory or names meanwhile can get around it"]
      : []),
    ...refusedSetups.map((name) => `${name} is refused`),
  ];
  return parts.join("; ");
}
