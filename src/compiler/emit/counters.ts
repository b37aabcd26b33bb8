/** Per-CPU, per-rule counters: what makes the accounting exact. */
import { R0, R1, R2, R10 } from "../../bpf/asm/index.ts";
import { type Context, MapName } from "./context.ts";

/** Byte offsets in the value of a rule's entry. */
export const CounterOffset = {
  matched: 0,
  delivered: 8,
  limited: 16,
  dropped: 24,
  unreadable: 32,
  missed: 40,
} as const;
export const COUNTERS_SIZE = 48;
export type CounterName = keyof typeof CounterOffset;

/** Adds one. Clobbers r0 … r5; a stack slot holds the key. */
export function count(c: Context, ruleIndex: number, name: CounterName): void {
  c.stack.with(1, (slot) => {
    c.a.store("u32", R10, slot, ruleIndex);
    countAt(c, slot, name);
  });
}

/** The same for the rule whose index is in a stack slot. */
export function countAt(c: Context, slot: number, name: CounterName): void {
  const { a } = c;
  const none = a.newLabel("no_counter");
  a.loadMap(R1, MapName.counters).mov(R2, R10).add(R2, slot).call("bpf_map_lookup_elem");
  a.jump("eq", R0, 0, none).mov(R1, 1).atomicAdd("u64", R0, CounterOffset[name], R1);
  a.label(none);
}
