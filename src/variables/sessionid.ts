/** Number of the login session, as audit keeps it; all ones: none. */
import { type NumberVariable, u32 } from "./variable.ts";

export const SESSIONID: NumberVariable = {
  type: u32,
  of: "caller",
  lies: "kernel",
  record: { in: "id", field: "sessionid", unknownFlag: "sessionidUnknown" },
  kernel: { from: "task", group: "audit", member: "sessionid", isOptional: true },
  kept: false,
  isOnDemand: true,
  proc: (caller) => caller.auditId("sessionid"),
};
