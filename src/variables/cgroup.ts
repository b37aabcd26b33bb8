/** Number of the control group in the unified hierarchy. */
import { type NumberVariable, u64 } from "./variable.ts";

export const CGROUP: NumberVariable = {
  type: u64,
  of: "caller",
  lies: "kernel",
  record: { in: "macro", bits: 64 },
  kernel: {
    from: "walk",
    steps: [
      { struct: "task_struct", member: "cgroups" },
      { struct: "css_set", member: "dfl_cgrp" },
      { struct: "cgroup", member: "kn" },
      { struct: "kernfs_node", member: "id" },
    ],
  },
  kept: false,
  proc: (caller) => caller.cgroup(),
};
