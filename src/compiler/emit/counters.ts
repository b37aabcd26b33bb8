/** Per-rule counters: what makes the accounting exact. */
import { R0, R1, R2, R10 } from "../../bpf/asm/index.ts";
import { type Context, MapName } from "./context.ts";

/**
 * Counters of matches, per CPU: byte offsets in the value of a rule's entry. Each match has one report, so that what
 * becomes of reports adds up to the matches.
 */
export const CounterOffset = {
  delivered: 0,
  limited: 8,
  dropped: 16,
  unreadable: 24,
  /** The kernel refused to send the signal of an action. */
  missed: 32,
} as const;
export const COUNTERS_SIZE = 40;

/**
 * Counters of what is not a match: all rules in one value, one behind the other. Each rule has code of its own for
 * these, so it must be short and without calls: the kernel rewrites each lookup of a map, and moves all the code
 * behind it every time.
 */
export const RareCounterOffset = {
  /** Not a match, because a text could not be read. */
  unreadable: 0,
  /** No memory to evaluate the rule. */
  missed: 8,
} as const;
export const RARE_COUNTERS_SIZE = 16;

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
