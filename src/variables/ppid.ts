/** Number of the parent process; it changes when the parent ends. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, s32 } from "./variable.ts";

export const PPID: NumberVariable = {
  type: s32,
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "ppid" },
  kernel: { from: "parent", group: "parent", member: "tgid" },
  kept: false,
  isFleeting: true,
  proc: (caller) => ofStatus(caller, ({ ppid }) => ppid),
};
