/**
 * How the acting rules of a call take effect before the call does. Best first:
 *
 *   modify  the program at the call's own function returns the error: exact, any call, any errno
 *   hooks   the decision of the entry is carried out in the security hooks that the call reaches; what could not
 *           be read at entry is decided there, where the kernel has read it
 *
 * Without either FAIL is refused; KILL and SUSPEND act right after the call, and say so.
 */

import type { Diagnostic } from "../../base/diagnostic.ts";
import type { CheckedAction, CheckedRule } from "../../language/checked/index.ts";
import { factsOf } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import {
  errnoProblem,
  fileHooksOf,
  hooksOf,
  isForFilesOnly,
  isNative,
  needsLookup,
  needsUnixSockets,
  ringHooksOf,
  ringOperation,
  rowOf,
} from "../../linux/index.ts";
import type { Machine } from "../machine.ts";
import { type Block, type PlannedRule, usesFiles } from "./plan.ts";

/** The one number that operations of io_uring are looked at for. */
const FLAGS_OF_OPENAT = 2;

export interface Enforcement {
  /** The entry program decides the return value; what it cannot decide is left to the hooks of the block. */
  readonly modify: boolean;
}

/** Acting on a call before it has any effect. */
export function acts(rule: CheckedRule): boolean {
  return rule.when === "before" && rule.actions.some(({ type }) => isActing(type));
}

function isActing(type: CheckedAction["type"]): boolean {
  return type === "FAIL" || type === "KILL" || type === "SUSPEND";
}

type Unplanned = Omit<Block, "enforcement" | "hooks" | "ringHooks">;

/** Undefined if no rule of the block acts, or nothing here can carry it out. */
export function enforcementFor(
  block: Unplanned,
  hooks: readonly string[],
  machine: Machine,
): Enforcement | undefined {
  if (!block.before.some(({ rule }) => acts(rule))) return undefined;
  const modify = canModify(block, machine);
  return modify || hooks.length > 0 ? { modify } : undefined;
}

function canModify(block: Unplanned, machine: Machine): boolean {
  const entry = machine.entryFunction(block.abi, block.call);
  if (entry === undefined) return false;
  return entry.via === "kprobe" ? machine.canOverrideReturn : machine.canModifyReturn;
}

/** The hooks that the block needs: for its files, for acting rules, or for text that an entry cannot read yet. */
export function hooksFor(block: Unplanned, machine: Machine): string[] {
  if (machine.hookKind === undefined) return [];
  const rules = [...block.before, ...block.after];
  const acting = block.before.filter(({ rule }) => acts(rule));
  const found = new Set<string>();
  if (usesFiles(block)) {
    for (const call of callsOf(rules))
      for (const hook of fileHooksOf(call)) if (tellsFile(hook, machine)) found.add(hook);
  } else if (acting.length > 0 && (block.strings.length > 0 || !canModify(block, machine))) {
    for (const call of callsOf(acting)) for (const hook of hooksOf(call)) found.add(hook);
  }
  return [...found].filter((hook) => machine.hasHook(hook));
}

/** Whether the hook, with what programs see besides, knows the file of a call. */
export function tellsFile(hook: string, machine: Machine): boolean {
  if (!machine.hasHook(hook)) return false;
  if (needsUnixSockets(hook)) return machine.facts.unix !== undefined;
  if (!needsLookup(hook)) return true;
  const hasDentry =
    hook === "inode_permission" || machine.hookArgument(hook, "dentry") !== undefined;
  return hasDentry && machine.lookup !== undefined;
}

/** No entry sees operations of io_uring, whatever decides over calls. */
export function ringHooksFor(
  block: Unplanned,
  hooks: readonly string[],
  machine: Machine,
): string[] {
  if (machine.hookKind === undefined || !isNative(block.abi)) return [];
  if (!block.before.some(({ rule }) => acts(rule))) return [];
  const isUsable = (hook: string): boolean =>
    usesFiles(block)
      ? tellsFile(hook, machine)
      : machine.hasHook(hook) && !isForFilesOnly(block.call, hook);
  return ringHooksOf(block.call).filter((hook) => !hooks.includes(hook) && isUsable(hook));
}

export function callsOf(rules: readonly PlannedRule[]): Set<string> {
  return new Set(
    rules.flatMap(({ candidates }) =>
      candidates.map(({ presentation }) => reachingCall(presentation)),
    ),
  );
}

/** Multiplexed calls (socketcall, ipc) reach the hooks of what they stand for. */
export function reachingCall({ as, call }: Presentation): string {
  return hooksOf(call).length === 0 ? as : call;
}

/** FAIL actions that cannot be carried out here, each once, with the calls, the reason and what would help. */
export function refuseUnenforceable(blocks: readonly Block[], machine: Machine): Diagnostic[] {
  const found = new Map<string, Unenforceable>();
  for (const block of blocks) {
    for (const { rule, ruleIndex, candidates } of block.before) {
      for (const action of rule.actions) {
        if (action.type !== "FAIL") continue;
        const call = candidates[0]?.presentation.call ?? block.call;
        const problem = problemOf(block, call, action.errno, machine);
        if (problem === undefined) continue;
        const key = `${ruleIndex} ${action.span.start} ${problem.why}`;
        const known = found.get(key) ?? { ruleIndex, action, problem, calls: new Set() };
        found.set(key, known);
        known.calls.add(call);
      }
    }
  }
  // blocks are in the order of call numbers; a reader of the errors wants that of the file
  const inOrder = [...found.values()].sort((a, b) => a.ruleIndex - b.ruleIndex);
  return inOrder.map(({ action, problem, calls }) => ({
    code: "cannot_enforce",
    severity: "error",
    message: `FAIL of ${[...calls].join(", ")} cannot be enforced here: ${problem.why}`,
    span: action.span,
    hint: problem.hint,
  }));
}

interface Unenforceable {
  readonly ruleIndex: number;
  readonly action: CheckedAction;
  readonly problem: { readonly why: string; readonly hint: string };
  readonly calls: Set<string>;
}

function problemOf(
  block: Block,
  call: string,
  errno: number,
  machine: Machine,
): { why: string; hint: string } | undefined {
  const { enforcement } = block;
  if (enforcement !== undefined) {
    const why = enforcement.modify ? undefined : errnoProblem(call, errno);
    return why === undefined ? undefined : { why, hint: "another error_code works" };
  }
  const anyFunction = machine.hookKind !== undefined || machine.canModifyReturn;
  if (!anyFunction)
    return {
      why: "this kernel lets no program decide over calls",
      hint: "a kernel with BPF trampolines and security hooks can, or `sct run` for one command",
    };
  return {
    why: "no security hook sees this call, and this kernel has no error injection",
    hint: "a kernel with CONFIG_BPF_KPROBE_OVERRIDE can, or `sct run` for one command",
  };
}

/** LSM programs always run, and so does what decides for them (see programs/all.ts). */
function canBeSkipped({ modify }: Enforcement, { hookKind, isPreemptive }: Machine): boolean {
  return isPreemptive && (modify || hookKind === "fmod_ret");
}

/** Calls of blocks with `before` rules, by whether programs see operations of io_uring that do the same. */
export function ringCoverage(blocks: readonly Block[]): {
  readonly seen: readonly string[];
  readonly unseen: readonly string[];
} {
  const seen = new Set<string>();
  const unseen = new Set<string>();
  for (const { call, before } of blocks) {
    const operation = ringOperation(call);
    if (before.length === 0 || operation === undefined) continue;
    const block = blocks.find((one) => isNative(one.abi) && one.call === operation);
    const reached = ringHooksOf(operation);
    const hooks = block === undefined ? [] : [...block.hooks, ...block.ringHooks];
    (hooks.some((hook) => reached.includes(hook)) ? seen : unseen).add(call);
  }
  return { seen: [...seen], unseen: [...unseen] };
}

/** Whether the filter looks at numbers that an operation of io_uring does not have. */
function looksAtNumbers({ candidates }: PlannedRule, call: string): boolean {
  return candidates.some(({ target, presentation }) =>
    [...factsOf(target.filter).numbers].some((index) => {
      const source = presentation.params[index - 1]?.source;
      return source?.kind === "arg" && !(call === "openat" && source.index === FLAGS_OF_OPENAT);
    }),
  );
}

function actionsOf(rule: CheckedRule): string {
  const actions = rule.actions.map(({ type }) => type).filter(isActing);
  return actions.join(" and ");
}

function actingRules(
  blocks: readonly Block[],
): ReadonlyMap<CheckedRule, readonly { block: Block; planned: PlannedRule }[]> {
  const found = new Map<CheckedRule, { block: Block; planned: PlannedRule }[]>();
  for (const block of blocks)
    for (const planned of block.before) {
      if (!acts(planned.rule)) continue;
      const own = found.get(planned.rule);
      if (own === undefined) found.set(planned.rule, [{ block, planned }]);
      else own.push({ block, planned });
    }
  return found;
}

/** One line for each rule whose actions do not stop all of its calls, with the calls. */
export function weakActions(blocks: readonly Block[], machine: Machine): string[] {
  const found = new Map<string, Set<string>>();
  const add = (line: string, call: string): void => {
    found.set(line, (found.get(line) ?? new Set()).add(call));
  };
  for (const { before, call, enforcement } of blocks) {
    for (const { rule } of before.filter((planned) => acts(planned.rule))) {
      const start = `rule '${rule.name}': ${actionsOf(rule)}`;
      if (enforcement === undefined) {
        add(
          `${start} acts right after the call, which still happens (its events say call-done)`,
          call,
        );
      } else if (!enforcement.modify && rowOf(call).unhooked !== undefined) {
        add(`${start} does not stop ${rowOf(call).unhooked}, which no security hook sees`, call);
      }
      if (enforcement !== undefined && canBeSkipped(enforcement, machine)) {
        add(
          `${start} can miss calls: this kernel is preemptive (preempt=full or lazy) and skips programs that decide while another use of BPF on the processor is interrupted; such runs are counted`,
          call,
        );
      }
    }
  }
  for (const [rule, own] of actingRules(blocks)) {
    const start = `rule '${rule.name}': ${actionsOf(rule)}`;
    const { seen, unseen } = ringCoverage(own.map(({ block }) => block));
    for (const call of unseen) {
      add(
        `${start} does not stop what io_uring does instead of these calls (denying io_uring_setup does)`,
        call,
      );
      if (rowOf(call).aio && ringHooksOf(call).length === 0)
        add(
          `${start} does not stop what io_submit does instead of these calls (denying io_setup does)`,
          call,
        );
    }
    for (const { block, planned } of own)
      if (seen.includes(block.call) && ringOperation(block.call) === block.call)
        if (looksAtNumbers(planned, block.call))
          add(`${start} takes numbers of operations of io_uring for 0`, block.call);
  }
  return [...found].map(([line, calls]) => `${line}: ${[...calls].join(", ")}`);
}
