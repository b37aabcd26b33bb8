/**
 * `limit = N/period per KEY`: fixed windows, counted in an LRU hash. The window's start is moved by compare and
 * exchange, so that CPUs that see it expire at once agree on one restart.
 *
 *   key    | rule u32 | 0 u32 | value of the variable, 16 bytes |
 *   value  | window start, boot ns u64 | reports in it u64 |
 */
import { BPF_NOEXIST } from "../../base/linux-abi.ts";
import { R0, R1, R2, R3, R4, R10 } from "../../bpf/asm/index.ts";
import type { Limit } from "../../language/checked/index.ts";
import { EARLY_NS, LIMIT_KEY_SIZE, LIMIT_VALUE_SIZE } from "../layout/limits.ts";
import { MapName } from "../layout/map-names.ts";
import type { Context } from "./context.ts";
import { emitValueKey } from "./value-key.ts";

/** Goes to `over` if this report exceeds the limit of the rule in the slot. The record's key field must be filled. */
export function emitLimit(c: Context, ruleSlot: number, limit: Limit, over: string): void {
  const { a } = c;
  const known = a.newLabel("limit_known");
  const counting = a.newLabel("limit_counting");
  const within = a.newLabel("limit_within");
  c.stack.with(6, (slot) => {
    const [key, value, now] = [
      slot,
      slot + LIMIT_KEY_SIZE,
      slot + LIMIT_KEY_SIZE + LIMIT_VALUE_SIZE,
    ];
    a.load("u32", R1, R10, ruleSlot).store("u64", R10, key, R1);
    emitValueKey(c, key + 8, limit.per);
    a.call("bpf_ktime_get_boot_ns").store("u64", R10, now, R0);
    a.loadMap(R1, MapName.limits).mov(R2, R10).add(R2, key).call("bpf_map_lookup_elem");
    a.jump("ne", R0, 0, known);
    a.load("u64", R1, R10, now)
      .store("u64", R10, value, R1)
      .store("u64", R10, value + 8, 1);
    a.loadMap(R1, MapName.limits)
      .mov(R2, R10)
      .add(R2, key)
      .mov(R3, R10)
      .add(R3, value)
      .mov(R4, BPF_NOEXIST);
    a.call("bpf_map_update_elem").jump("eq", R0, 0, within);
    // another CPU was first: its count continues
    a.loadMap(R1, MapName.limits).mov(R2, R10).add(R2, key).call("bpf_map_lookup_elem");
    a.jump("eq", R0, 0, within).label(known);
    // r3: the value, r4: now
    a.mov(R3, R0).load("u64", R4, R10, now);
    a.load("u64", R0, R3, 0).mov(R1, R4).sub(R1, R0).add(R1, EARLY_NS);
    a.loadImm(R2, limit.periodNs + BigInt(EARLY_NS)).jump("lt", R1, R2, counting);
    // the processor that wins the exchange restarts the count
    a.mov(R2, R0).atomicCompareExchange("u64", R3, 0, R4).jump("ne", R0, R2, counting);
    a.store("u64", R3, 8, 0);
    a.label(counting);
    a.mov(R1, 1).atomicFetch("add", "u64", R3, 8, R1);
    a.loadImm(R2, limit.count).jump("lt", R1, R2, within).goto(over);
    a.label(within);
  });
}
