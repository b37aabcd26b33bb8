/** Effective group id. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const EGID: NumberVariable = {
  type: u32,
  account: "group",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "egid" },
  kernel: { from: "cred", group: "creds", member: "egid" },
  kept: true,
  inTests: { like: "GID" },
  proc: (caller) => ofStatus(caller, ({ gids }) => gids[1]),
};
