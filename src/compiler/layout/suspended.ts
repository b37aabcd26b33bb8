/**
 * The queue of processes that SUSPEND rules have stopped: the hash map `sct_suspended`, which `sct suspended` finds
 * by its name, whichever process made it. Keys are u64: a thread id with 0 in the upper half, for a thread that waits; or a
 * generation in the upper half and the index of a rule in the lower one, for the name of the rule; or 0, for the
 * generation in force, where rule sets can be replaced.
 *
 *   0      4            8      12   16      24            32         36      40        48        64
 *   | tgid | generation | rule | nr | since | task start | decision | flags | timeout | 0       |
 *
 * `since` and the start of the task are boot time in ns. A decision is the errno that the call fails with when it is
 * made again, 0 for none. Names fill the value, cut off at its size, with zeros behind.
 */

import type { CheckedRule } from "../../language/checked/index.ts";
import { MapName } from "./map-names.ts";

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
