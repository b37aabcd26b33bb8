/** Real group id. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const GID: NumberVariable = {
  type: u32,
  account: "group",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "gid" },
  kernel: { from: "cred", group: "creds", member: "gid" },
  kept: true,
  proc: (caller) => ofStatus(caller, ({ gids }) => gids[0]),
};
