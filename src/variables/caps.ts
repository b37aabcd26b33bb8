/** Effective capabilities as bits; setting them needs no call of the thread itself. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u64 } from "./variable.ts";

export const CAPS: NumberVariable = {
  type: u64,
  of: "caller",
  lies: "kernel",
  record: { in: "macro", bits: 64 },
  kernel: {
    from: "walk",
    steps: [
      { struct: "task_struct", member: "cred" },
      { struct: "cred", member: "cap_effective" },
    ],
  },
  kept: false,
  isFleeting: true,
  proc: (caller) => ofStatus(caller, ({ caps }) => caps),
};
