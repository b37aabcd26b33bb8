/**
 * Where rules with `occurrence` or `threshold` count the calls that match.
 *
 * What a rule counts as a whole is in the only value of the array map `sct_frequency`, so it is never forgotten:
 *
 *   | choices made by chance u64 | counts begun in the other map u64 | rule 0: occurrence u64, threshold u64 | rule 1 … |
 *
 * What it counts for each value of a variable is in the LRU hash `sct_counts`, whose value is one such u64:
 *
 *   key    | rule u32 | 0: occurrence, 1: threshold u32 | value of the variable, 16 bytes |
 */
import type { Limit } from "../../language/checked/index.ts";

/** What is counted for a rule. */
export const COUNTED = ["occurrence", "threshold"] as const;
export type CountedFrequency = (typeof COUNTED)[number];

const HEADER_SIZE = 16;
/** Bytes. */
export const COUNT_SIZE = 8;

/** Offsets of u64. */
export const FrequencyOffset = { choices: 0, begun: 8 } as const;

/** Offset of a count of the rule as a whole, u64. */
export function countOffset(ruleIndex: number, what: CountedFrequency): number {
  return HEADER_SIZE + (ruleIndex * COUNTED.length + COUNTED.indexOf(what)) * COUNT_SIZE;
}

/** Values of variables that a rule set keeps counts for, at least. */
export const KEPT_COUNTS = 65_536;
/** Elements that processors hold ready may not be in use: 128 each (LOCAL_FREE_TARGET of kernel/bpf/bpf_lru_list.c), on 128. */
const HELD_READY = 128 * 128;
/** Elements of the map. */
export const COUNTS_SIZE = KEPT_COUNTS + HELD_READY;

/** Bits of the time at which the period began, in the upper part of the count of a threshold. */
export interface ThresholdWord {
  /** Lower bits: calls in the period, `count` at most. */
  readonly countBits: number;
  /** One unit of time is 2^shift ns. */
  readonly shift: bigint;
}

/** Time that must pass before the same moment seems to come again, ns: two years. */
const LONGEST = 1n << 56n;

/**
 * A period and the calls in it are one word, so that both change at once. The more calls are to be counted, the
 * coarser the time: 1 ns for a hundred, 16 ms for four billions.
 */
export function thresholdWord({ count, periodNs }: Limit): ThresholdWord {
  const countBits = count.toString(2).length;
  const span = periodNs * 4n > LONGEST ? periodNs * 4n : LONGEST;
  let shift = 0n;
  while (1n << (BigInt(64 - countBits) + shift) < span) shift++;
  return { countBits, shift };
}
