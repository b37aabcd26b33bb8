/** Per-rule counters: what makes the accounting exact. */
import { type Assembler, R0, R1, R2, R3, R4, R10 } from "../../bpf/asm/index.ts";
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

const MISSED_STEP = "count_missed_step";

/** Adds one for each of the rules with so many numbers in a row. Uses the stack slot; clobbers r0 … r5. Since Linux 5.17. */
export function countEachMissed(a: Assembler, first: number, count: number, slot: number): void {
  a.store("u64", R10, slot, first).mov(R1, count).loadFunction(R2, MISSED_STEP);
  a.mov(R3, R10).add(R3, slot).mov(R4, 0).call("bpf_loop");
}

/** The callback, to be placed behind a program. */
export function emitMissedStep(a: Assembler, ruleCount: number): void {
  a.function(MISSED_STEP);
  const stop = `${MISSED_STEP}_stop`;
  a.load("u64", R3, R2, 0).add(R3, R1).jump("ge", R3, ruleCount, stop);
  a.mul(R3, RARE_COUNTERS_SIZE).loadMapValue(R1, MapName.rareCounters).add(R1, R3);
  a.mov(R2, 1).atomicAdd("u64", R1, RareCounterOffset.missed, R2).return(0);
  a.label(stop).return(1);
}

/** Adds one for the rule whose index is in a stack slot. Clobbers r0 … r5. */
export function countAt(c: Context, slot: number, name: keyof typeof CounterOffset): void {
  const { a } = c;
  const none = a.newLabel("no_counter");
  a.loadMap(R1, MapName.counters).mov(R2, R10).add(R2, slot).call("bpf_map_lookup_elem");
  a.jump("eq", R0, 0, none).mov(R1, 1).atomicAdd("u64", R0, CounterOffset[name], R1);
  a.label(none);
}
