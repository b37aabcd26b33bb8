/** Saved group id. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const SGID: NumberVariable = {
  type: u32,
  account: "group",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "sgid" },
  kernel: { from: "cred", group: "creds", member: "sgid" },
  kept: true,
  inTests: { like: "GID" },
  proc: (caller) => ofStatus(caller, ({ gids }) => gids[2]),
};
