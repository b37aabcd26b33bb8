/** Real user id. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const UID: NumberVariable = {
  type: u32,
  account: "user",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "uid" },
  kernel: { from: "cred", group: "creds", member: "uid" },
  kept: true,
  proc: (caller) => ofStatus(caller, ({ uids }) => uids[0]),
};
