/** Sizes of the map of limits, whose code is emit/limit.ts, and what limits and thresholds know of time. */

/** Bytes: number of the rule and one more, and the value of the variable. */
export const LIMIT_KEY_SIZE = 24;
/** Bytes: start of the window, and reports in it. */
export const LIMIT_VALUE_SIZE = 16;
/**
 * So long before its beginning a call may seem to be made that belongs to a period: between our look at the clock and at the
 * count another processor can begin one. Not longer than a program is interrupted.
 */
export const EARLY_NS = 1_000_000_000;
