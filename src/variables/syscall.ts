/** Number of the call that is really made. */
import { type NumberVariable, s32 } from "./variable.ts";

export const SYSCALL: NumberVariable = {
  type: s32,
  of: "call",
  lies: "kernel",
  record: { in: "site", part: "nr" },
  kernel: { from: "site" },
  kept: true,
  inTests: { follows: true },
  proc: ({ nr }) => BigInt(nr),
};
