import { logRule, type MechanismName } from "./mechanisms.ts";

/** Twenty rules of many kinds on files and the network; the last makes ptrace necessary. */
export function twentyRules(by: MechanismName): string {
  const watched = Array.from(
    { length: 10 },
    (_, i) => `rule { rule_name = f${i} syscall_name = @file
      filter_expression { PATH startswith "/no/such/${i}" } action { type = LOG } continue = yes }`,
  );
  const denied = Array.from(
    { length: 8 },
    (_, i) => `rule { rule_name = n${i} syscall_name = @network
      filter_expression { PARAMS[1] == ${i + 100} && COMM == "nobody" } action { type = FAIL error_code = EACCES } }`,
  );
  const deletes = `rule { rule_name = d syscall_name = unlink, rename filter_expression { PATH matches "/etc/**" }
    action { type = FAIL error_code = EPERM } }`;
  const last = logRule(by, "mkdir", "%params").replace("rule {", "rule { rule_name = last");
  return [...watched, ...denied, deletes, last].join("\n");
}
