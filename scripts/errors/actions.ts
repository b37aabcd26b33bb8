import { action, type Entry, rule, type Section, tested } from "./entry.ts";

const actions: Readonly<Record<string, Entry>> = {
  missing_action: {
    example: rule("syscall_name = unlink"),
    cure: "Add `action { type = LOG }` or another action.",
  },
  bad_error_code: {
    example: action("type = FAIL error_code = 0"),
    cure: "Write the name of an error, or 1 to 4095.",
  },
  restart_code: {
    example: action("type = FAIL error_code = 513"),
    cure: "Write an error that programs know, such as EINTR.",
  },
  fail_after: {
    example: action("type = FAIL error_code = EPERM", "when = after"),
    cure: "Remove `when = after`. To change a result, use REWRITE with `sct run`.",
  },
  rewrite_param_after: {
    example: action('type = REWRITE rewrite { PARAMS[1] = "/dev/null" }', "when = after"),
    cure: "Remove `when = after`.",
  },
  rewrite_retval_before: {
    example: action("type = REWRITE rewrite { RETVAL = 0 }"),
    cure: "Add `when = after`.",
  },
  bad_rewrite_target: {
    example: action("type = REWRITE rewrite { UID = 0 }"),
    cure: "Only parameters and RETVAL can be rewritten.",
  },
  duplicate_action: {
    example: action("type = FAIL error_code = EPERM", "action { type = FAIL error_code = EIO }"),
    cure: "Remove one of the two.",
  },
  bad_limit: {
    example: rule("syscall_name = unlink", "limit = 0/s", "action { type = LOG }"),
    cure: "Write a number from 1 on. To report nothing, remove the LOG action.",
  },
  bad_count: {
    example: rule(
      "syscall_name = fsync",
      "occurrence = 0",
      "action { type = FAIL error_code = EIO }",
    ),
    cure: "Write a number from 1 on.",
  },
  bad_chance: {
    example: rule(
      "syscall_name = fsync",
      "chance = 120%",
      "action { type = FAIL error_code = EIO }",
    ),
    cure: "Write a percentage up to 100.",
  },
  count_value: {
    example: action("type = COUNT sum COMM"),
    cure: "Count by a number or a string of the call; sum and hist take numbers.",
  },
  count_types: {
    example: rule("syscall_name = open, close", "action { type = COUNT by PARAMS[1] }"),
    cure: "Write a rule for each kind of call.",
  },
  count_too_many: {
    example: action("type = COUNT by UID, GID, EUID, EGID, SUID, SGID, PID"),
    cure: "Count by fewer values; a second rule with `continue = yes` before it can count by others.",
  },
  limit_of_count: {
    example: rule("syscall_name = unlink", "limit = 10/s", "action { type = COUNT by COMM }"),
    cure: "Remove it: COUNT makes no reports. `threshold` and `occurrence` choose which calls count.",
  },
  bad_limit_key: {
    example: rule("syscall_name = unlink", "limit = 10/s per user", "action { type = LOG }"),
    cure: "Write a variable behind `per`, such as `uid`, `pid` or `comm`.",
  },
};

const tests: Readonly<Record<string, Entry>> = {
  missing_call: {
    example: tested("expect nothing"),
    cure: 'Add a line such as `call unlink("/x")`.',
  },
  missing_expect: {
    example: tested('call unlink("/x")'),
    cure: "Add `expect nothing`, or what the rules should do.",
  },
  too_many_arguments: {
    example: tested('call unlink("/x", 1)', "expect nothing"),
    cure: "Remove arguments. `sct syscalls NAME` prints the parameters of a call.",
  },
  bad_test_variable: {
    example: tested('call unlink("/x") as { UDI = 0 }', "expect nothing"),
    cure: "Set variables of the language, fields of parameters, and `descends_from(…)`.",
  },
  bad_expectation: {
    example: tested('call unlink("/x")', "expect DENY"),
    cure: "Expect `nothing` or an action: `expect FAIL EPERM`.",
  },
};

export const actionSections: readonly Section[] = [
  { title: "Actions", about: "An action cannot be what it says.", entries: actions },
  { title: "Tests", about: "A `test` block is not complete or not possible.", entries: tests },
];
