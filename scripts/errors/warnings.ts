import { action, type Entry, filter, log, rule, type Section } from "./entry.ts";

const DENY = "action { type = FAIL error_code = EPERM }";

const warnings: Readonly<Record<string, Entry>> = {
  duplicate_call: {
    example: rule("syscall_name = unlink, unlink", "action { type = LOG }"),
    cure: "Remove one of the two.",
  },
  never_matches: {
    example: filter("UID == 0 && UID == 1"),
    cure: "Write `||` where one of the conditions is enough.",
  },
  always_true: {
    example: filter("1 < 2"),
    cure: "Remove the filter, or compare with a variable.",
  },
  pattern_as_text: {
    example: filter('PATH in ("/etc/*", "/usr/*")'),
    cure: "Use `matches` for shell patterns and `=~` for regular expressions. Both take lists.",
  },
  comparison_never: {
    example: filter('COMM == "a-name-that-is-too-long"'),
    cure: "The message says why. The kernel cuts names of threads to 15 bytes.",
  },
  shadowed_rule: {
    example: `${action("type = LOG")}\n${rule("syscall_name = unlink", "filter_expression { UID == 0 }", DENY)}`,
    cure: "Put the narrow rule first, or add `continue = yes` to the wide one.",
  },
  raw_path: {
    example: rule(
      "syscall_name = unlink",
      'filter_expression { PARAMS[1] == "/etc/passwd" }',
      DENY,
    ),
    cure: "Use `PATH`, which is the file itself. `PARAMS[1]` is only what the program wrote.",
  },
  unknown_warning: {
    example: `# sct: allow raw_pth\n${action("type = LOG")}`,
    cure: "Correct the name, or remove the comment.",
  },
  no_return: {
    example: rule("syscall_name = exit_group", "when = after", "action { type = LOG }"),
    cure: "Remove `when = after`.",
  },
  other_way: {
    example: rule("syscall_name = write", DENY),
    cure: "Name the other calls in a rule, too. The hint says how.",
  },
  left_open: {
    example: rule("syscall_name = unlink", 'filter_expression { PATH == "/etc/passwd" }', DENY),
    cure: "Add the rules that the hint prints. `sct run` refuses such overlays by itself.",
  },
  refused_system_wide: {
    example: rule(
      "syscall_name = open",
      "action { type = REWRITE rewrite { PARAMS[2] = O_RDONLY } }",
    ),
    cure: "Use the rule with `sct run`, or something else in the place of what the message names. `sct check` warns of this; `sct watch` and the service refuse the rule.",
  },
  without_kernel: {
    example: rule("syscall_name = clock_gettime", "action { type = LOG }"),
    cure: "No rule can see these. Allow the warning if the rest is enough.",
  },
  precedence: {
    example: filter("PARAMS[2] & O_CREAT == O_CREAT", "open"),
    cure: "Write parentheses: `(PARAMS[2] & O_CREAT) == O_CREAT`.",
  },
  lone_percent: {
    example: log("100 % of it"),
    cure: "Write `%%`.",
  },
  division_by_zero: {
    example: filter("UID / 0 == 1"),
    cure: "Divide by another number.",
  },
  shift_count: {
    example: filter("UID << 64 == 1"),
    cure: "Shift by 0 to 63.",
  },
};

export const warningSections: readonly Section[] = [
  {
    title: "Warnings",
    about:
      "The rules are legal and probably wrong. `# sct: allow NAME` silences one where it is meant ([language.md](language.md#warnings-that-are-meant)).",
    entries: warnings,
  },
];
