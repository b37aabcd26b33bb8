/** Per-rule counters: what makes the accounting exact. */
import { R0, R1, R2, R10 } from "../../bpf/asm/index.ts";
import { CounterOffset, RARE_COUNTERS_SIZE, RareCounterOffset } from "../layout/counters.ts";
import { MapName } from "../layout/map-names.ts";
import type { Context } from "./context.ts";

/** Adds one. Clobbers r1, r2. */
export function countRare(
  c: Pick<Context, "a">,
  ruleIndex: number,
  name: keyof typeof RareCounterOffset,
): void {
  const offset = ruleIndex * RARE_COUNTERS_SIZE + RareCounterOffset[name];
  c.a.loadMapValue(R1, MapName.rareCounters, offset).mov(R2, 1).atomicAdd("u64", R1, 0, R2);
}

/** Adds one for the rule whose index is in a stack slot. Clobbers r0 … r5. */
export function countAt(c: Context, slot: number, name: keyof typeof CounterOffset): void {
  const { a } = c;
  const none = a.newLabel("no_counter");
  a.loadMap(R1, MapName.counters).mov(R2, R10).add(R2, slot).call("bpf_map_lookup_elem");
  a.jump("eq", R0, 0, none).mov(R1, 1).atomicAdd("u64", R0, CounterOffset[name], R1);
  a.label(none);
}
