/** Group id for access to files. */
import { ofStatus } from "./caller.ts";
import { type NumberVariable, u32 } from "./variable.ts";

export const FSGID: NumberVariable = {
  type: u32,
  account: "group",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "fsgid" },
  kernel: { from: "cred", group: "creds", member: "fsgid" },
  kept: true,
  inTests: { like: "GID" },
  proc: (caller) => ofStatus(caller, ({ gids }) => gids[3]),
};
