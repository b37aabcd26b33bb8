/** Inode number of the pid namespace. */
import { namespaceIn } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const PIDNS: NumberVariable = {
  type: u32,
  of: "caller",
  lies: "kernel",
  record: { in: "macro", bits: 32 },
  kernel: {
    from: "walk",
    steps: [
      { struct: "task_struct", member: "thread_pid" },
      { struct: "pid", member: "numbers", ofLast: "ns" },
      { struct: "pid_namespace", member: "ns.inum" },
    ],
  },
  kept: false,
  proc: (caller) => namespaceIn(caller.link("ns/pid")),
};
