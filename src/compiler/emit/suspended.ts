/** Code that puts threads into the queue of layout/suspended.ts, and takes them out. */
import { R0, R1, R2, R3, R4, R7, R10 } from "../../bpf/asm/index.ts";
import { isNative } from "../../linux/index.ts";
import { MapName } from "../layout/map-names.ts";
import {
  SUSPENDED_KEY_SIZE,
  SUSPENDED_VALUE_SIZE,
  SuspendedFlag,
  SuspendedOffset,
} from "../layout/suspended.ts";
import type { Context } from "./context.ts";

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
