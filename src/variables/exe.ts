/** The program that the process runs: its file. */
import type { TextVariable } from "./variable.ts";

export const EXE: TextVariable = {
  type: "text",
  of: "caller",
  lies: "kernel",
  record: { in: "tail", object: "exe" },
  kernel: { from: "path" },
  kept: false,
  isFile: true,
  proc: (caller) => caller.link("exe"),
};
