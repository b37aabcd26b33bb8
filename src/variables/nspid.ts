/** Number of the process in its own pid namespace. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, s32 } from "./variable.ts";

export const NSPID: NumberVariable = {
  type: s32,
  of: "caller",
  lies: "kernel",
  record: { in: "macro", bits: 32 },
  kernel: {
    from: "walk",
    steps: [
      { struct: "task_struct", member: "group_leader" },
      { struct: "task_struct", member: "thread_pid" },
      { struct: "pid", member: "numbers", ofLast: "nr" },
    ],
  },
  kept: false,
  proc: (caller) => ofStatus(caller, ({ nsPid }) => nsPid),
};
