/** User id of the login that the process belongs to, as audit keeps it; all ones: none. */
import { type NumberVariable, u32 } from "./variable.ts";

export const LOGINUID: NumberVariable = {
  type: u32,
  account: "user",
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "loginuid", unknownFlag: "loginuidUnknown" },
  kernel: { from: "task", group: "audit", member: "loginuid", isOptional: true },
  kept: false,
  isOnDemand: true,
  proc: (caller) => caller.auditId("loginuid"),
};
