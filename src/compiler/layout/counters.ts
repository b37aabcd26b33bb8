/** Where counters of rules lie in the values of their maps. */

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
  /** Matches of rules that make no events. */
  counted: 40,
} as const;

export const COUNTERS_SIZE = 48;

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
