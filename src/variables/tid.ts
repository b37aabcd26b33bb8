/** Number of the thread that made the call. */
import { type NumberVariable, s32 } from "./variable.ts";

export const TID: NumberVariable = {
  type: s32,
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "tid" },
  kernel: { from: "task", group: "process", member: "pid" },
  kept: true,
  inTests: { like: "PID" },
  proc: ({ tid }) => BigInt(tid),
};
