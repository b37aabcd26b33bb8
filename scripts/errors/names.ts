import { action, type Entry, filter, log, rule, type Section } from "./entry.ts";

const TWICE = rule("rule_name = a", "syscall_name = unlink", "action { type = LOG }");

const names: Readonly<Record<string, Entry>> = {
  unknown_call: {
    example: rule("syscall_name = unlnk", "action { type = LOG }"),
    cure: "Correct the name. `sct syscalls` prints all calls.",
  },
  unknown_class: {
    example: rule("syscall_name = @files", "action { type = LOG }"),
    cure: "Correct the name. `sct syscalls` prints the classes.",
  },
  unknown_name: {
    example: filter("uid == 0"),
    cure: "Variables and constants are in upper case. Define names with `define` or `list`.",
  },
  unknown_account: {
    example: filter('UID == "nobdy"'),
    cure: "Correct the name, or write the number. Names come from /etc/passwd and /etc/group.",
  },
  no_accounts: {
    example: filter('UID == "root"'),
    cure: "Write the number. A library that parses rules may know no users of the machine.",
  },
  gone_account: {
    example: `# in rules that the service keeps, of a user that was deleted\n${filter('UID == "olduser"')}`,
    text: filter('UID == "olduser"'),
    cure: "Replace the rules by ones that name a user who exists.",
  },
  unknown_function: {
    example: filter("UID(0) == 0"),
    cure: "The only function is `descends_from`. Variables take no parentheses.",
  },
  unknown_field: {
    example: filter("PARAMS[2].colour == 1", "connect"),
    cure: "Use a field of the struct. The hint names one that is close; `sct syscalls` prints the type.",
  },
  unknown_conversion: {
    example: log("%time{%H:%Q}"),
    cure: "Use the conversions of strftime(3), `%f` or `%N`. [events.md](events.md#lines) lists them.",
  },
  unknown_macro: {
    example: log("%foo"),
    cure: "Use a macro of [events.md](events.md#lines). A percent sign is `%%`.",
  },
  unknown_rule: {
    example: `${TWICE}\ntest "t" {\n  call unlink("/x")\n  expect LOG by b\n}`,
    cure: "Write the name of a rule of these files.",
  },
  unknown_errno: {
    example: action("type = FAIL error_code = EPREM"),
    cure: "Write the name of an error, such as EPERM, or its number.",
  },
  duplicate_rule: {
    example: `${TWICE}\n${TWICE.replace("unlink", "open")}`,
    cure: "Rename one of the rules. To swap rules in force, use `sct config replace`.",
  },
  duplicate_name: {
    example: `list L { 1 }\nlist L { 2 }\n${filter("UID in L")}`,
    cure: "Rename one of the two.",
  },
  reserved_name: {
    example: `define UID { GID == 0 }\n${filter("UID == 0")}`,
    cure: "Choose a name that the language does not have.",
  },
  recursive_name: {
    example: `define A { B }\ndefine B { A }\n${filter("A")}`,
    cure: "Remove the name from its own definition.",
  },
  list_as_value: {
    example: `list L { 1 }\n${filter("L")}`,
    cure: "Compare with the list: `UID in L`.",
  },
  needs_index: {
    example: filter("PARAMS == 0"),
    cure: "Say which one: `PARAMS[1]`.",
  },
  no_index: {
    example: filter("UID[1] == 0"),
    cure: "Remove the index.",
  },
};

const types: Readonly<Record<string, Entry>> = {
  bad_index: {
    example: filter('ARGV[-1] == "-c"', "execve"),
    cure: "Write a number. `ARGV` counts from 0, `PARAMS` and `PATH` from 1.",
  },
  param_out_of_range: {
    example: filter("PARAMS[4] == 0"),
    cure: "Count from 1. `sct syscalls NAME` prints the parameters of a call.",
  },
  not_a_struct: {
    example: filter("PARAMS[1].x == 1", "kill"),
    cure: "Remove the field, or name the parameter that points to a struct.",
  },
  not_a_descriptor: {
    example: filter('FD[1].type == "file"', "open"),
    cure: "Name a parameter that is a descriptor. `PATH[n]` is the file that a path names.",
  },
  needs_member: {
    example: filter("FD[1] == 2", "write"),
    cure: "Say what of the open file is meant: `FD[1].path`. The number itself is `PARAMS[1]`.",
  },
  not_a_path: {
    example: filter('PATH[2] == "/x"', "open"),
    cure: "Name a parameter that is a path or a descriptor.",
  },
  no_path: {
    example: filter('PATH == "/x"', "getpid"),
    cure: "Remove the condition, or name a call that takes a path.",
  },
  no_argv: {
    example: filter('ARGV[1] == "-c"', "open"),
    cure: "`ARGV` and `ENVP` are those of `execve`. `%cmdline` prints the arguments of the caller.",
  },
  after_only: {
    example: filter("RETVAL < 0"),
    cure: "Add `when = after` to the rule.",
  },
  type_mismatch: {
    example: filter("COMM == 1"),
    cure: "Compare strings with strings and numbers with numbers.",
  },
  operand_type: {
    example: filter("-COMM == 1"),
    cure: "Apply the operator to a number.",
  },
  not_a_condition: {
    example: filter("COMM"),
    cure: 'Compare it with something: `COMM == "rm"`.',
  },
  not_constant: {
    example: filter("COMM matches EXE"),
    cure: "Write the pattern itself, or the name of a list of patterns.",
  },
  not_a_number: {
    example: action('type = FAIL error_code = "EPERM"'),
    cure: "Write the name without quotes.",
  },
  mixed_set: {
    example: filter("COMM in (1, 2)"),
    cure: "Members of the set have the type of what is looked for.",
  },
  bad_range: {
    example: filter("UID in 1999..1000"),
    cure: "Write the smaller number first.",
  },
  bad_glob: {
    example: filter('PATH matches "[z-a]"'),
    cure: "Correct the pattern as the message says. `\\\\[` in a string means the bracket itself.",
  },
  bad_regex: {
    example: filter('COMM =~ "*a"'),
    cure: "Correct the expression. The syntax is that of RE2, without back-references.",
  },
  bad_arguments: {
    example: filter("descends_from()"),
    cure: 'Give one name or process id: `descends_from("sshd")`.',
  },
};

export const nameSections: readonly Section[] = [
  { title: "Names", about: "A name is unknown, or has another meaning.", entries: names },
  {
    title: "Parameters and types",
    about: "A parameter or value is not what the place needs.",
    entries: types,
  },
];
