/** A rule that logs a call, in a form for each mechanism; where a test must hold for both. */
export const mechanisms = ["notification", "ptrace"] as const;
export type MechanismName = (typeof mechanisms)[number];

export function logRule(name: MechanismName, call: string, format = "%sname"): string {
  const when = name === "ptrace" ? "when = after" : "";
  return `rule { syscall_name = ${call} ${when} action { type = LOG log_format {${format}} } }`;
}
