/** Effective user id. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const EUID: NumberVariable = {
  type: u32,
  account: "user",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "euid" },
  kernel: { from: "cred", group: "creds", member: "euid" },
  kept: true,
  inTests: { like: "UID" },
  proc: (caller) => ofStatus(caller, ({ uids }) => uids[1]),
};
