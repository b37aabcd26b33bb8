/** What docs/errors.md says of a code besides its message, and rule texts that are short to write. */

export interface Entry {
  /** A rule file that causes it, as it is shown. */
  readonly example: string;
  /** The text that causes it, where the example only describes it. */
  readonly text?: string;
  /** What to do, in whole sentences. */
  readonly cure: string;
}

export interface Section {
  readonly title: string;
  readonly about: string;
  readonly entries: Readonly<Record<string, Entry>>;
}

/** A rule with these entries, one a line. */
export function rule(...entries: readonly string[]): string {
  return `rule {\n${entries.map((entry) => `  ${entry}\n`).join("")}}`;
}

const LOG = "action { type = LOG }";

/** A rule that logs calls for which the filter holds. */
export function filter(expression: string, call = "unlink"): string {
  return rule(`syscall_name = ${call}`, `filter_expression { ${expression} }`, LOG);
}

/** A rule with one action and perhaps more entries. */
export function action(text: string, ...more: readonly string[]): string {
  return rule("syscall_name = unlink", `action { ${text} }`, ...more);
}

/** A rule that logs in this format. */
export function log(format: string, call = "unlink"): string {
  return rule(`syscall_name = ${call}`, `action { type = LOG log_format {${format}} }`);
}

/** A test of a rule that fails every unlink. */
export function tested(...lines: readonly string[]): string {
  const fails = rule(
    "rule_name = guard",
    "syscall_name = unlink",
    "action { type = FAIL error_code = EPERM }",
  );
  return `${fails}\ntest "a test" {\n${lines.map((line) => `  ${line}\n`).join("")}}`;
}
