/** What the kernel engine refuses of rules on all machines, whatever the one is that they are checked on. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { foreseenLimits, leaveOutUnknown, unsupportedBy } from "../../compiler/index.ts";
import type { CheckedRule } from "../../language/index.ts";

export function refusedEverywhere(rules: readonly CheckedRule[]): readonly Diagnostic[] {
  // a policy is for `sct run`: that it cannot be loaded elsewhere is no fault of it
  const own = rules.filter(({ policy }) => policy === undefined);
  const { rules: known } = leaveOutUnknown(own, undefined);
  return [...unsupportedBy(known, undefined), ...foreseenLimits(known)];
}
