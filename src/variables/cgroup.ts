/** Number of the control group in the unified hierarchy. */
import { type NumberVariable, u64 } from "./variable.ts";

export const CGROUP: NumberVariable = {
  type: u64,
  of: "caller",
  lies: "kernel",
  record: { in: "macro", bits: 64 },
  kept: false,
  proc: (caller) => caller.cgroup(),
};
