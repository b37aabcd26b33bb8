/** Every message of the rule language, by its stable code. docs/errors.md is made from it. */

/** Quotes a piece of rule text in a message; a long one is cut, as it may be megabytes. */
function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return `\`${shown}\``;
}

const error = <A extends readonly unknown[]>(text: (...args: A) => string) =>
  ({ severity: "error", text }) as const;
const warning = <A extends readonly unknown[]>(text: (...args: A) => string) =>
  ({ severity: "warning", text }) as const;

type S = string;

export const messages = {
  // ---- text and tokens
  file_too_large: error((limit: S) => `The file is larger than ${limit}`),
  too_many_errors: error((count: number) => `Stopped after ${count} errors`),
  too_many_warnings: warning(
    (count: number) => `From here on warnings are not shown: ${count} were`,
  ),
  invalid_utf8: error(() => "The file is not valid UTF-8 here"),
  control_character: error((code: S) => `A control character (${code}) stands here`),
  unexpected_character: error((text: S) => `Unexpected character ${quote(text)}`),
  unterminated_comment: error(() => "The comment does not end"),
  unterminated_string: error(() => "The string does not end on its line"),
  unknown_escape: error((text: S) => `Unknown escape ${quote(text)} in a string`),
  bad_character: error((text: S) => `${quote(text)} is not one character of one byte`),
  bad_number: error((text: S) => `${quote(text)} is not a number`),
  number_too_large: error((text: S) => `The number ${quote(text)} does not fit into 64 bits`),
  bad_network: error((text: S) => `${quote(text)} is not an address or network`),
  bad_duration: error((text: S) => `${quote(text)} is not a duration`),

  // ---- structure
  unexpected_token: error((found: S) => `Unexpected ${found}`),
  unexpected_end: error((what: S) => `The ${what} ends too early`),
  unclosed_block: error((what: S) => `The ${what} block is not closed`),
  too_deep: error((limit: number) => `This is nested deeper than ${limit} levels`),
  unknown_item: error((name: S) => `Unknown item ${quote(name)} at the top of a file`),
  unknown_entry: error((name: S, where: S) => `Unknown entry ${quote(name)} in ${where}`),
  duplicate_entry: error((name: S, where: S) => `${quote(name)} is given twice in one ${where}`),
  missing_entry: error((where: S, name: S) => `The ${where} has no ${quote(name)}`),
  missing_operand: error((found: S) => `An operand is missing before ${found}`),
  empty_list: error(() => "The list is empty"),
  bad_keyword: error((value: S, key: S) => `${quote(value)} is not a value of ${quote(key)}`),
  entry_not_allowed: error((entry: S, type: S) => `${quote(entry)} has no meaning for ${type}`),

  // ---- policies
  policy_member: error((text: S, right: S) => `${quote(text)} cannot stand in \`${right}\``),
  policy_host: error(
    (text: S, right: S) => `${quote(text)} is no name of a host that can stand in \`${right}\``,
  ),
  policy_too_large: error(
    (right: S, limit: number) => `${quote(right)} has more than ${limit} members`,
  ),
  policy_leaves_open: warning(
    (name: S, rights: S) => `The policy ${quote(name)} has no ${rights}: all of that is allowed`,
  ),

  // ---- includes
  include_not_found: error((path: S, why: S) => `Cannot include ${quote(path)}: ${why}`),
  include_cycle: error((path: S) => `${quote(path)} includes itself`),
  include_too_deep: error((limit: number) => `Files are included deeper than ${limit} levels`),

  // ---- names
  unknown_call: error((name: S) => `Unknown system call ${quote(name)}`),
  unknown_class: error((name: S) => `Unknown class of system calls ${quote(name)}`),
  duplicate_call: warning((name: S) => `${quote(name)} is named twice in this rule`),
  unknown_name: error((name: S) => `Unknown name ${quote(name)}`),
  unknown_account: error((kind: S, name: S) => `No ${kind} is called ${quote(name)} here`),
  no_accounts: error((kind: S) => `Names of ${kind}s are not known here: write the number`),
  gone_account: warning(
    (kind: S, name: S) => `No ${kind} is called ${quote(name)} any more: nothing matches it`,
  ),
  unknown_function: error((name: S) => `Unknown function ${quote(name)}`),
  unknown_field: error((field: S, struct: S) => `${quote(struct)} has no field ${quote(field)}`),
  unknown_conversion: error((text: S) => `Unknown conversion ${quote(text)} of a time`),
  unknown_macro: error((name: S) => `Unknown macro ${quote(name)} in log_format`),
  unknown_rule: error((name: S) => `No rule is named ${quote(name)}`),
  unknown_errno: error((name: S) => `Unknown error name ${quote(name)}`),
  duplicate_rule: error((name: S) => `A rule named ${quote(name)} exists already`),
  duplicate_name: error((name: S) => `${quote(name)} is defined already`),
  reserved_name: error((name: S, what: S) => `${quote(name)} is the name of a ${what} already`),
  recursive_name: error((name: S) => `${quote(name)} is defined by itself`),
  list_as_value: error((name: S) => `${quote(name)} is a list`),
  needs_index: error((name: S) => `${quote(name)} stands without an index`),
  no_index: error((name: S) => `${quote(name)} takes no index`),
  expansion_too_large: error(
    (limit: number) => `The filter is larger than ${limit} operands once its defines are expanded`,
  ),
  define_too_large: error(
    (name: S, limit: number) =>
      `${quote(name)} is larger than ${limit} operands once the defines in it are expanded`,
  ),
  rules_too_large: error(
    (limit: number) =>
      `All rules together are larger than ${limit} operands, each filter counted for each kind of call`,
  ),

  // ---- parameters and types
  bad_index: error((name: S) => `The index of ${name} is not a constant number`),
  param_out_of_range: error(
    (index: S, call: S, count: number) =>
      `${quote(call)} has no parameter ${index}: it has ${count}`,
  ),
  not_a_struct: error(
    (index: number, call: S, type: S) =>
      `Parameter ${index} of ${quote(call)} has no fields: it is ${type}`,
  ),
  not_a_path: error(
    (index: number, call: S, type: S) =>
      `Parameter ${index} of ${quote(call)} names no file: it is ${type}`,
  ),
  not_a_descriptor: error(
    (index: number, call: S, type: S) =>
      `Parameter ${index} of ${quote(call)} is no descriptor: it is ${type}`,
  ),
  needs_member: error((name: S) => `${quote(name)} is no value by itself`),
  no_path: error((call: S) => `${quote(call)} has no parameter that names a file`),
  no_argv: error((name: S, call: S) => `${quote(name)} has no meaning for ${quote(call)}`),
  after_only: error((name: S) => `${quote(name)} exists only after the call`),
  type_mismatch: error(
    (op: S, left: S, right: S) => `Cannot apply ${quote(op)} to ${left} and ${right}`,
  ),
  operand_type: error((op: S, type: S) => `Cannot apply ${quote(op)} to ${type}`),
  not_a_condition: error((type: S) => `${type} is not a condition`),
  not_constant: error((what: S) => `${what} is not a constant`),
  not_a_number: error((what: S) => `${what} is not a number`),
  mixed_set: error(
    (operand: S, item: S) => `Cannot look for ${operand} in a set that holds ${item}`,
  ),
  bad_range: error(() => "The range ends before it begins"),
  bad_glob: error((why: S) => `Malformed glob: ${why}`),
  bad_regex: error((why: S) => `Malformed regular expression: ${why}`),
  bad_arguments: error((name: S) => `Wrong arguments of ${quote(name)}`),

  // ---- actions
  missing_action: error(() => "The rule has no action"),
  bad_error_code: error((value: S) => `${value} is not an error number`),
  restart_code: error(
    (errno: number) =>
      `${errno} cannot be given to programs: inside the kernel 512 to 517 mean that a call is to be made again`,
  ),
  fail_after: error(() => "FAIL cannot act after the call: it has happened already"),
  rewrite_param_after: error(() => "A parameter cannot be rewritten after the call"),
  rewrite_retval_before: error(() => "RETVAL cannot be rewritten before the call"),
  bad_rewrite_target: error(() => "This cannot be rewritten"),
  duplicate_action: error((type: S) => `${type} is given twice in one rule`),
  bad_limit: error((text: S) => `${quote(text)} is not a number of reports`),
  bad_count: error((text: S) => `${quote(text)} is not a number of calls`),
  bad_chance: error((text: S) => `${quote(text)} is not a chance in percent`),
  bad_limit_key: error((name: S) => `${quote(name)} is not a variable to count by`),

  // ---- tests
  missing_call: error(() => "The test has no call"),
  missing_expect: error(() => "The test expects nothing in particular"),
  too_many_arguments: error(
    (call: S, count: number) => `${quote(call)} takes ${count} argument${count === 1 ? "" : "s"}`,
  ),
  bad_test_variable: error((name: S) => `${quote(name)} cannot be set in a test`),
  bad_expectation: error((what: S) => `${quote(what)} cannot be expected`),

  count_value: error((what: S) => `COUNT cannot take ${what}`),
  count_types: error(
    (what: S, first: S, call: S, second: S, other: S) =>
      `${quote(what)} is ${first} for ${call} and ${second} for ${other}`,
  ),
  count_too_many: error(
    (limit: number, entry: S) => `More than ${limit} values behind \`${entry}\``,
  ),
  limit_of_count: error(() => "`limit` has no meaning for a rule that only counts"),

  // ---- probably wrong
  never_matches: warning(() => "The rule can never match"),
  always_true: warning(() => "The filter is always true"),
  pattern_as_text: warning(
    (op: S, text: S) => `\`${op}\` takes ${quote(text)} as it stands, not as a pattern`,
  ),
  comparison_never: warning((why: S) => `The comparison is never true: ${why}`),
  shadowed_rule: warning(
    (name: S) => `The rule never acts: ${quote(name)} matches the same calls first`,
  ),
  raw_path: warning(
    (action: S, param: S) =>
      `${action} is decided by the text of ${param}, not by the file it names`,
  ),
  unknown_warning: warning((code: S) => `No warning is called ${quote(code)}`),
  no_return: warning((name: S) => `${quote(name)} never returns: there is no "after"`),
  other_way: warning(
    (name: S, others: S) => `What ${quote(name)} does can also be done by ${others}`,
  ),
  left_open: warning((action: S, ways: S) => `System-wide, mounts get around ${action}: ${ways}`),
  refused_system_wide: warning((why: S) => `System-wide, the rule is refused: ${why}`),
  without_kernel: warning(
    (name: S, since: S) =>
      `Programs make most ${quote(name)} calls without entering the kernel${since === "" ? "" : ` (${since})`}: the rule does not see those`,
  ),
  precedence: warning((inner: S, outer: S) => `${quote(inner)} binds tighter than ${quote(outer)}`),
  lone_percent: warning(() => "A single % in log_format is printed as it is"),
  division_by_zero: warning(() => "Division by zero: the comparison around it is false"),
  shift_count: warning((count: S) => `A shift by ${count} counts as one by its low 6 bits`),
} as const;

export type Code = keyof typeof messages;
export type Arguments<C extends Code> = Parameters<(typeof messages)[C]["text"]>;
