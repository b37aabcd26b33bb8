/** Which interface the call uses: `x86_64`, or `i386` also in a 64-bit program. */
import type { TextVariable } from "./variable.ts";

export const ABI: TextVariable = {
  type: "text",
  of: "call",
  lies: "kernel",
  record: { in: "site", part: "abi" },
  kernel: { from: "site" },
  kept: true,
  proc: ({ abi }) => encoder.encode(abi),
};

const encoder = new TextEncoder();
