/** Name of the thread. */
import type { TextVariable } from "./variable.ts";

export const COMM: TextVariable = {
  type: "text",
  of: "caller",
  lies: "kernel",
  record: { in: "name", field: "comm" },
  kernel: { from: "task", group: "comm", member: "comm" },
  kept: true,
  proc: ({ comm }) => comm,
};
