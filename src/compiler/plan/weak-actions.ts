/** What must be said when rules are loaded: where actions are weaker on this machine than the language promises. */
import type { CheckedRule } from "../../language/checked/index.ts";
import { factsOf } from "../../language/index.ts";
import { isNative, ringHooksOf, ringOperation, rowOf } from "../../linux/index.ts";
import type { Machine } from "../machine.ts";
import { acts, isActing } from "./acts.ts";
import type { Block, Enforcement, PlannedRule } from "./block.ts";

/** The one number that operations of io_uring are looked at for. */
const FLAGS_OF_OPENAT = 2;

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

function actionsOf(rule: CheckedRule): string {
  const actions = rule.actions.map(({ type }) => type).filter(isActing);
  return actions.join(" and ");
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

/** LSM programs always run, and so does what decides for them (see programs/all.ts). */
function canBeSkipped({ modify }: Enforcement, { hookKind, isPreemptive }: Machine): boolean {
  return isPreemptive && (modify || hookKind === "fmod_ret");
}
