import { action, type Entry, filter, type Section } from "./entry.ts";

/** Refusals of the compiler and of engines. */
export const engineEntries: Readonly<Record<string, Entry>> = {
  not_supported_by_engine: {
    example: "rule {\n  syscall_name = open\n  limit = 10/s per EXE\n  action { type = LOG }\n}",
    cure: "Use `sct run`, which has it for one command, or another variable. The README lists the differences.",
  },
  cannot_enforce: {
    example: action("type = FAIL error_code = EPERM"),
    cure: "The hint says what the kernel needs. `sct doctor` shows what it has; `sct run` needs none of it.",
  },
  too_complex_for_kernel: {
    example: `# thousands of rules on one call, or rules that the kernel verifies for minutes\n${filter('PATH matches "/home/*/.ssh/**"')}`,
    cure: "Put values into one list in place of many rules. Raise `load_timeout` if time is the limit. Where a pattern needs too many states, the hint says what takes fewer.",
  },
};

/** The service's configuration file. */
export const configurationEntries: Readonly<Record<string, Entry>> = {
  config_syntax: {
    example: "[ring",
    cure: "Correct the TOML. The message says what is missing.",
  },
  config_missing: {
    example: '[[outputs]]\ntype = "file"',
    cure: "Add the key.",
  },
  config_unknown_key: {
    example: '[history]\nmax_siz = "2G"',
    cure: "Correct the key. [configuration.md](configuration.md) lists all of them.",
  },
  config_value: {
    example: "[ring]\nsize = 5000",
    cure: "Write a value of the kind that the message names.",
  },
  config_same_file: {
    example:
      '[[outputs]]\ntype = "file"\nname = "a"\npath = "/x/y"\n\n[[outputs]]\ntype = "file"\nname = "b"\npath = "/x//y"',
    cure: "Give each output a file of its own. Two would rotate it against each other.",
  },
  config_exposed: {
    example: '[metrics]\nlisten = "0.0.0.0:9466"',
    cure: "Listen at 127.0.0.1, unless other machines should read the metrics.",
  },
};

export const machineSections: readonly Section[] = [
  {
    title: "Refusals of engines",
    about: "The rules are right, and this engine or machine cannot do what they say.",
    entries: engineEntries,
  },
  {
    title: "Configuration of the service",
    about: "`sct check FILE.toml` finds mistakes in the [configuration](configuration.md).",
    entries: configurationEntries,
  },
];
