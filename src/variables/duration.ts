/** How long the call took, in nanoseconds, from its entry to its return. */
import { type NumberVariable, s64 } from "./variable.ts";

export const DURATION: NumberVariable = {
  type: s64,
  of: "call",
  lies: "kernel",
  when: "after",
  record: { in: "word", field: "duration" },
  kernel: { from: "return" },
  kept: true,
  proc: ({ durationNs }) => durationNs,
};
