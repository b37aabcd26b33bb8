/** Sizes of the map of limits, whose code is emit/limit.ts. */

/** Bytes: number of the rule and one more, and the value of the variable. */
export const LIMIT_KEY_SIZE = 24;
/** Bytes: start of the window, and reports in it. */
export const LIMIT_VALUE_SIZE = 16;
