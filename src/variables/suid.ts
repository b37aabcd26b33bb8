/** Saved user id. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const SUID: NumberVariable = {
  type: u32,
  account: "user",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "suid" },
  kernel: { from: "cred", group: "creds", member: "suid" },
  kept: true,
  inTests: { like: "UID" },
  proc: (caller) => ofStatus(caller, ({ uids }) => uids[2]),
};
