/** What the call returned: a result, or a negative errno. */
import { type NumberVariable, s64 } from "./variable.ts";

export const RETVAL: NumberVariable = {
  type: s64,
  of: "call",
  lies: "kernel",
  when: "after",
  record: { in: "word", field: "retval" },
  kernel: { from: "return" },
  kept: true,
  inTests: { follows: true },
  proc: ({ retval }) => retval,
};
