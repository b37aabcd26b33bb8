/**
 * How the acting rules of a call take effect before the call does. Best first:
 *
 *   modify  the program at the call's own function returns the error: exact, any call, any errno
 *   hooks   the decision of the entry is carried out in the security hooks that the call reaches; what could not
 *           be read at entry is decided there, where the kernel has read it
 *
 * Without either FAIL is refused; KILL and SUSPEND act right after the call, and say so.
 */

import {
  fileHooksOf,
  hooksOf,
  isForFilesOnly,
  isNative,
  needsLookup,
  needsUnixSockets,
  ringHooksOf,
} from "../../linux/index.ts";
import type { Machine } from "../machine.ts";
import { acts } from "./acts.ts";
import type { Block, Enforcement, Plan, PlannedBlock, PlannedRule } from "./block.ts";
import { usesFiles } from "./names.ts";
import { reachingCall } from "./reaching-call.ts";
import { readPlaces } from "./struct-field.ts";

/** The second step, behind `planRules`: by which hooks and functions of this machine each block decides. */
export function enforcePlan({ blocks, sites }: Plan<PlannedBlock>, machine: Machine): Plan {
  const enforced = blocks.map((block): Block => {
    const hooks = hooksFor(block, machine);
    const enforcement = enforcementFor(block, hooks, machine);
    return { ...block, hooks, ringHooks: ringHooksFor(block, hooks, machine), enforcement };
  });
  return { blocks: enforced, sites };
}

/** Undefined if no rule of the block acts, or nothing here can carry it out. */
function enforcementFor(
  block: PlannedBlock,
  hooks: readonly string[],
  machine: Machine,
): Enforcement | undefined {
  if (!block.before.some(({ rule }) => acts(rule))) return undefined;
  const modify = canModify(block, machine);
  return modify || hooks.length > 0 ? { modify } : undefined;
}

function canModify(block: PlannedBlock, machine: Machine): boolean {
  const entry = machine.entryFunction(block.abi, block.call);
  if (entry === undefined) return false;
  return entry.via === "kprobe" ? machine.canOverrideReturn : machine.canModifyReturn;
}

/** The hooks that the block needs: for its files, for acting rules, or for text that an entry cannot read yet. */
function hooksFor(block: PlannedBlock, machine: Machine): string[] {
  if (machine.hookKind === undefined) return [];
  const rules = [...block.before, ...block.after];
  const acting = block.before.filter(({ rule }) => acts(rule));
  const found = new Set<string>();
  if (usesFiles(block)) {
    for (const call of callNamesOf(rules))
      for (const hook of fileHooksOf(call)) if (knowsFile(hook, machine)) found.add(hook);
  } else if (
    acting.length > 0 &&
    (block.strings.length > 0 || readPlaces(acting).length > 0 || !canModify(block, machine))
  ) {
    for (const call of callNamesOf(acting)) for (const hook of hooksOf(call)) found.add(hook);
  }
  return [...found].filter((hook) => machine.hasHook(hook));
}

/** Whether the hook, with what programs see besides, knows the file of a call. */
export function knowsFile(hook: string, machine: Machine): boolean {
  if (!machine.hasHook(hook)) return false;
  if (needsUnixSockets(hook)) return machine.facts.unix !== undefined;
  if (!needsLookup(hook)) return true;
  const hasDentry =
    hook === "inode_permission" || machine.hookArgument(hook, "dentry") !== undefined;
  return hasDentry && machine.lookup !== undefined;
}

/** No entry sees operations of io_uring, whatever decides over calls. */
function ringHooksFor(block: PlannedBlock, hooks: readonly string[], machine: Machine): string[] {
  if (machine.hookKind === undefined || !isNative(block.abi)) return [];
  if (!block.before.some(({ rule }) => acts(rule))) return [];
  const isUsable = (hook: string): boolean =>
    usesFiles(block)
      ? knowsFile(hook, machine)
      : machine.hasHook(hook) && !isForFilesOnly(block.call, hook);
  return ringHooksOf(block.call).filter((hook) => !hooks.includes(hook) && isUsable(hook));
}

export function callNamesOf(rules: readonly PlannedRule[]): Set<string> {
  return new Set(
    rules.flatMap(({ candidates }) =>
      candidates.map(({ presentation }) => reachingCall(presentation)),
    ),
  );
}
