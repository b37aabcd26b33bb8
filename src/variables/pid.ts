/** Number of the process that made the call. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, s32 } from "./variable.ts";

export const PID: NumberVariable = {
  type: s32,
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "pid" },
  kernel: { from: "task", group: "process", member: "tgid" },
  kept: true,
  proc: (caller) => ofStatus(caller, ({ tgid }) => tgid),
};
