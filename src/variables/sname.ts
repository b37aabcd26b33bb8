/** Name of the call that is really made. */
import type { TextVariable } from "./variable.ts";

export const SNAME: TextVariable = {
  type: "text",
  of: "call",
  lies: "kernel",
  record: { in: "site", part: "call" },
  kernel: { from: "site" },
  kept: true,
  inTests: { follows: true },
  proc: ({ call }) => encoder.encode(call),
};

const encoder = new TextEncoder();
