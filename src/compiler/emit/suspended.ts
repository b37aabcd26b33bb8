/**
 * The queue of processes that SUSPEND rules have stopped: the hash map `sct_suspended`, which `sct suspended` finds
 * by its name, whoever made it. Keys are u64: a thread id with 0 in the upper half, for a thread that waits; or a
 * generation in the upper half and the index of a rule in the lower one, for the name of the rule; or 0, for the
 * generation in force, where rule sets can be replaced.
 *
 *   0      4            8      12   16      24            32         36      40        48        64
 *   | tgid | generation | rule | nr | since | task start | decision | flags | timeout | 0       |
 *
 * `since` and the start of the task are boot time in ns. A decision is the errno that the call fails with when it is
 * made again, 0 for none. Names fill the value, cut off at its size, with zeros behind.
 */

import { R0, R1, R2, R3, R4, R7, R10 } from "../../bpf/asm/index.ts";
import type { CheckedRule } from "../../language/checked/index.ts";
import { isNative } from "../../linux/index.ts";
import { type Context, MapName } from "./context.ts";

export const SuspendedOffset = {
  tgid: 0,
  generation: 4,
  rule: 8,
  nr: 12,
  since: 16,
  start: 24,
  decision: 32,
  flags: 36,
  timeoutNs: 40,
} as const;

export const SuspendedFlag = {
  /** The call has been made already: this rule acts too late, here. */
  callDone: 1,
  /** 32-bit call. */
  i386: 2,
} as const;

export const SUSPENDED_KEY_SIZE = 8;
export const SUSPENDED_VALUE_SIZE = 64;
/** When it is full, further processes stop all the same, but are not listed. */
export const SUSPENDED_ENTRIES = 8192;

/** One for all rule sets of a process; a waiting thread outlives the rules that stopped it. */
export const SUSPENDED_MAP = {
  name: MapName.suspended,
  type: "hash",
  keySize: SUSPENDED_KEY_SIZE,
  valueSize: SUSPENDED_VALUE_SIZE,
  maxEntries: SUSPENDED_ENTRIES,
} as const;

export function suspendsAny(rules: readonly CheckedRule[]): boolean {
  return rules.some(isSuspending);
}

export function isSuspending({ actions }: CheckedRule): boolean {
  return actions.some(({ type }) => type === "SUSPEND");
}

/** Puts the current thread into the queue. `ruleSlot` holds the index of the rule. */
export function emitEnqueue(
  c: Context,
  ruleSlot: number,
  timeoutNs: bigint | undefined,
  isCallDone: boolean,
): void {
  const { a, block, facts } = c;
  const flags =
    (isCallDone ? SuspendedFlag.callDone : 0) | (isNative(block.abi) ? 0 : SuspendedFlag.i386);
  c.stack.with(1 + SUSPENDED_VALUE_SIZE / 8, (key) => {
    const value = key + SUSPENDED_KEY_SIZE;
    emitKey(c, key);
    a.load("u32", R1, R7, facts.task.tgid).store("u32", R10, value + SuspendedOffset.tgid, R1);
    a.store("u32", R10, value + SuspendedOffset.generation, c.generation);
    a.load("u32", R1, R10, ruleSlot).store("u32", R10, value + SuspendedOffset.rule, R1);
    a.store("u32", R10, value + SuspendedOffset.nr, block.nr);
    a.call("bpf_ktime_get_boot_ns").store("u64", R10, value + SuspendedOffset.since, R0);
    a.load("u64", R1, R7, facts.task.startBoottime);
    a.store("u64", R10, value + SuspendedOffset.start, R1);
    a.store("u32", R10, value + SuspendedOffset.decision, 0);
    a.store("u32", R10, value + SuspendedOffset.flags, flags);
    a.loadImm(R1, timeoutNs ?? 0n).store("u64", R10, value + SuspendedOffset.timeoutNs, R1);
    for (let at = SuspendedOffset.timeoutNs + 8; at < SUSPENDED_VALUE_SIZE; at += 8)
      a.store("u64", R10, value + at, 0);
    a.loadMap(R1, MapName.suspended).mov(R2, R10).add(R2, key).mov(R3, R10).add(R3, value);
    a.mov(R4, 0).call("bpf_map_update_elem");
  });
}

/** The current thread has been stopped, but its call was not: nothing can be decided about it any more. */
export function emitCallDone(c: Context): void {
  const { a } = c;
  const none = a.newLabel("not_queued");
  c.stack.with(1, (key) => {
    emitKey(c, key);
    a.loadMap(R1, MapName.suspended).mov(R2, R10).add(R2, key).call("bpf_map_lookup_elem");
    a.jump("eq", R0, 0, none).load("u32", R1, R0, SuspendedOffset.flags);
    a.or(R1, SuspendedFlag.callDone).store("u32", R0, SuspendedOffset.flags, R1).label(none);
  });
}

/** Takes the current thread out of the queue; goes to `otherwise` unless somebody decided that its call fails. */
export function emitDequeue(c: Context, otherwise: string): void {
  const { a } = c;
  c.stack.with(2, (key) => {
    const decision = key + SUSPENDED_KEY_SIZE;
    emitKey(c, key);
    a.loadMap(R1, MapName.suspended).mov(R2, R10).add(R2, key).call("bpf_map_lookup_elem");
    a.jump("eq", R0, 0, otherwise).load("u32", R1, R0, SuspendedOffset.decision);
    a.store("u64", R10, decision, R1);
    a.loadMap(R1, MapName.suspended).mov(R2, R10).add(R2, key).call("bpf_map_delete_elem");
    a.load("u64", R1, R10, decision).jump("eq", R1, 0, otherwise);
  });
}

function emitKey(c: Context, key: number): void {
  c.a.load("u32", R1, R7, c.facts.task.pid).store("u64", R10, key, R1);
}
