import { action, type Entry, filter, log, rule, type Section } from "./entry.ts";

const MANY = "define D0 { UID == 0 || GID == 0 }";

/** Defines of which each has the one before ten times. */
const GROWING = [0, 1, 2, 3, 4]
  .map((n) => `define D${n + 1} { ${Array.from({ length: 10 }, () => `D${n}`).join(" || ")} }`)
  .join("\n");

const THREE = `${MANY}\n${GROWING.split("\n").slice(0, 3).join("\n")}`;
const OFTEN = (count: number) => Array.from({ length: count }, () => "D3").join(" || ");

/** A list of 1000 members, named 2100 times in another. */
const LISTS = `list L { ${Array.from({ length: 1000 }, (_, n) => 2 * n).join(", ")} }
list M { ${"L, ".repeat(2100)}1 }
${filter("UID in M")}`;

const tokens: Readonly<Record<string, Entry>> = {
  file_too_large: {
    example: "# a file of more than 4 MiB",
    text: "#".repeat(4 * 1024 * 1024 + 1),
    cure: "Split the file and include the parts. Put long lists into defines or patterns.",
  },
  too_many_errors: {
    example: "# 500 errors and more, such as a file that is no rule file",
    text: "rule { }\n".repeat(600),
    cure: "Correct the first errors, and check again. Often one of them causes the others.",
  },
  too_many_warnings: {
    example: "# 500 warnings and more: rules that are in force all the same",
    text: `${'rule { syscall_name = unlink filter_expression { PARAMS[1] == "/a" } action { type = LOG } }\n'.repeat(600)}`,
    cure: "Correct what the first ones name, or allow it: `# sct: allow WORD` in the file, `--allow WORD`.",
  },
  invalid_utf8: {
    example: "# a byte that is no UTF-8, such as ISO 8859-1 has for an umlaut",
    text: filter("\ufffd"),
    cure: 'Save the file as UTF-8. Write other bytes of a name as `"\\xe4"`.',
  },
  control_character: {
    example: "# a character such as U+0007 in a format",
    text: log("%comm \u0007"),
    cure: 'Remove the character. In a string write it as `"\\x07"`.',
  },
  unexpected_character: {
    example: filter("$UID == 0"),
    cure: "Remove the character. Variables are written without a sign: `UID`.",
  },
  unterminated_comment: {
    example: `/* old rules:\n${action("type = LOG")}`,
    cure: "End the comment with `*/`.",
  },
  unterminated_string: {
    example: filter('PATH == "/etc/passwd'),
    cure: 'End the string with `"` on the same line.',
  },
  unknown_escape: {
    example: filter('COMM == "a\\q"'),
    cure: 'Strings have the escapes `\\n`, `\\t`, `\\\\`, `\\"` and `\\xHH`. Write a backslash as `\\\\`.',
  },
  bad_character: {
    example: filter("UID == 'ab'"),
    cure: "Between single quotes stands one character of one byte. Text stands between double quotes.",
  },
  bad_number: {
    example: filter("UID == 0x"),
    cure: "Write digits of the base: `10`, `0x1f`, `0b101`, `0o17`, `4K`.",
  },
  number_too_large: {
    example: filter("PARAMS[3] == 99999999999G", "write"),
    cure: "Numbers have 64 bits. Compare with a smaller one.",
  },
  bad_network: {
    example: filter("PARAMS[2].addr in 1::2::3", "connect"),
    cure: "Write an address with the bits of the network: `10.0.0.0/8`, `fd00::/8`.",
  },
  bad_duration: {
    example: rule("syscall_name = unlink", "limit = 10/30", "action { type = LOG }"),
    cure: "Write a unit behind the number: `500ms`, `10s`, `5m`. One second is `s` alone.",
  },
};

const structure: Readonly<Record<string, Entry>> = {
  unexpected_token: {
    example: "rule syscall_name = unlink",
    cure: "The line `expected` behind the message says what can stand here, often a brace.",
  },
  unexpected_end: {
    example: "include",
    cure: "Complete the entry at the end of the file.",
  },
  unclosed_block: {
    example: 'test "t" {\n  call unlink("/x")\n  expect nothing',
    cure: "Write the `}` that is missing.",
  },
  too_deep: {
    example: "# more than 200 levels of parentheses, negations or blocks",
    text: filter(`${"!".repeat(300)}UID`),
    cure: "Give parts of the filter names with `define`.",
  },
  unknown_item: {
    example: "rules { }",
    cure: "At the top of a file stand `rule`, `define`, `list`, `include` and `test`.",
  },
  unknown_entry: {
    example: rule("syscal_name = unlink", "action { type = LOG }"),
    cure: "Correct the name of the entry. The hint names the one that was probably meant.",
  },
  duplicate_entry: {
    example: action("type = LOG type = KILL"),
    cure: "Remove one of the two. A rule may have several `action` blocks.",
  },
  missing_entry: {
    example: rule("action { type = LOG }"),
    cure: "Add the entry that the message names.",
  },
  missing_operand: {
    example: filter("UID == && GID == 0"),
    cure: "Write the value that is missing.",
  },
  empty_list: {
    example: filter("UID in ()"),
    cure: "Write at least one member, or remove the comparison.",
  },
  bad_keyword: {
    example: action("type = log"),
    cure: "Use one of the values that the message lists. Upper and lower case are different.",
  },
  entry_not_allowed: {
    example: action("type = KILL log_format {x}"),
    cure: "Move the entry to an action that has it, or remove it.",
  },
  include_not_found: {
    example: 'include "nowhere.conf"',
    cure: "The path is relative to the file with the `include`. Correct it, or create the file.",
  },
  include_cycle: {
    example: 'include "x.conf"    # in the file x.conf itself',
    cure: "Remove the `include` that closes the circle.",
  },
  include_too_deep: {
    example: 'include "1.conf"    # which includes 2.conf, and so on',
    text: 'include "deeper.conf"',
    cure: "Include the files from one place.",
  },
  expansion_too_large: {
    example: `# more than 10000 operands, once defines are expanded\n${filter("D3")}`,
    text: `${THREE}
${filter(OFTEN(30))}`,
    cure: "Use a list with `in` or `matches` in place of many comparisons.",
  },
  define_too_large: {
    example: "# a define with more than 10000 operands, counting the defines in it",
    text: `${MANY}\n${GROWING}\n${filter("D5")}`,
    cure: "Use a list with `in` or `matches` in place of many comparisons.",
  },
  rules_too_large: {
    example: "# lists of lists, or filters, that grow to more than two million members",
    text: LISTS,
    cure: "Name fewer calls, or use lists. A filter counts once for each kind of call that it is for.",
  },
};

export const textSections: readonly Section[] = [
  { title: "Text and tokens", about: "The file cannot be read as a rule file.", entries: tokens },
  {
    title: "Structure and includes",
    about: "The words are right, but they do not make a rule.",
    entries: structure,
  },
];
