/** User id for access to files. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const FSUID: NumberVariable = {
  type: u32,
  account: "user",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "fsuid" },
  kernel: { from: "cred", group: "creds", member: "fsuid" },
  kept: true,
  inTests: { like: "UID" },
  proc: (caller) => ofStatus(caller, ({ uids }) => uids[3]),
};
