/** Id of the container, empty outside of one. */
import type { TextVariable } from "./variable.ts";

export const CONTAINER: TextVariable = {
  type: "text",
  of: "caller",
  lies: "kernel",
  record: { in: "macro" },
  kernel: { from: "groups" },
  kept: false,
  proc: (caller) => caller.container(),
};
