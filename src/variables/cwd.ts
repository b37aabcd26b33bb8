/** The working directory. */
import type { TextVariable } from "./variable.ts";

export const CWD: TextVariable = {
  type: "text",
  of: "caller",
  lies: "kernel",
  record: { in: "tail", object: "cwd" },
  kernel: { from: "path" },
  kept: false,
  isFile: true,
  proc: (caller) => caller.link("cwd"),
};
