/** Name of the parent process. */
import type { TextVariable } from "./variable.ts";

export const PCOMM: TextVariable = {
  type: "text",
  of: "caller",
  lies: "kernel",
  record: { in: "name", field: "pcomm", unknownFlag: "pcommUnknown" },
  kernel: { from: "parentLeader", group: "pcomm", member: "comm" },
  kept: false,
  isFleeting: true,
  isOnDemand: true,
  proc: (caller) => caller.parentComm(),
};
