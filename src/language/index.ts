/** The rule language: the only door to this room. Pure: no file, no system call. */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { SourceFile } from "../base/span.ts";
import { checkAllowed, withoutAllowed } from "./allow.ts";
import type { Item, Tree } from "./ast.ts";
import { check } from "./check/check.ts";
import type { CheckedRuleSet } from "./checked/index.ts";
import { type LoadInclude, parseAll } from "./include.ts";
import { printTree } from "./print.ts";
import { Diagnostics } from "./report.ts";
import type { AccountNames, Vocabulary } from "./vocabulary.ts";

export { warningCodes } from "./allow.ts";
export type * from "./ast.ts";
export type * from "./call-view.ts";
export { ACTION_TYPES } from "./check/action.ts";
export { type Facts, factsOf, type ListText } from "./checked/facts.ts";
export type * from "./checked/index.ts";
export { countOf, logs, MAX_STRING, makesEvents } from "./checked/index.ts";
export { type Inputs, inputsOf } from "./checked/inputs.ts";
export { isOfSite, lookedAt } from "./checked/looked-at.ts";
export {
  NODE_TRAITS,
  OPERATOR_TRAITS,
} from "./checked/traits.ts";
export { visit } from "./checked/visit.ts";
export { CallCounter } from "./count/counter.ts";
export {
  BUCKETS,
  bucketOf,
  bucketRange,
  FIXED_SIZES,
  keyTextBytes,
  mostRows,
} from "./count/limits.ts";
export {
  type CountRow,
  type CountTable,
  type KeyPart,
  keyText,
  type MeasuredTotal,
  sortingCountRows,
} from "./count/table.ts";
export { mirror } from "./evaluate/arithmetic.ts";
export { evaluate, evaluateInt, type Verdict } from "./evaluate/evaluate.ts";
export { readBufferStart } from "./evaluate/read-buffer.ts";
export { fromBytes, type Missing } from "./evaluate/read-bytes.ts";
export { chooseField, readAddress, readField, type Structs } from "./evaluate/read-field.ts";
export { guardHolds, readMessageAddress, readParam, readSource } from "./evaluate/read-param.ts";
export {
  readDescriptorNumber,
  readDescriptorText,
  readPeerAddress,
  readString,
} from "./evaluate/read-value.ts";
export {
  type Acting,
  chooseTarget,
  evaluateRules,
  type Listener,
  type RealCall,
} from "./evaluate/rules.ts";
export {
  type FormatAction,
  runTests,
  type TakenAction,
  type TestResult,
} from "./evaluate/run-tests.ts";
export { testString } from "./evaluate/string-test.ts";
export { SyntheticCall } from "./evaluate/synthetic-call.ts";
export {
  fileNumber,
  fileParameters,
  type NameInDirectory,
  namesInDirectories,
} from "./file-parameters.ts";
export {
  type FileTest,
  isFile,
  isFileTest,
  isNegative,
  type OtherTest,
  otherTests,
  type ResolvedName,
  type ResolveName,
  wholePaths,
} from "./file-tests.ts";
export { formatRules } from "./format/format.ts";
export type { LoadInclude } from "./include.ts";
export { type LeftOpen, leftOpenBy } from "./left-open.ts";
export { messages } from "./messages.ts";
export { isFreeName, skipSpace, type Token, tokenAt } from "./parse/lexer.ts";
export { ITEMS } from "./parse/parse.ts";
export { POLICY_ENTRIES } from "./parse/policy.ts";
export { ACTION_ENTRIES, RULE_ENTRIES } from "./parse/rule.ts";
export { decidingAddress } from "./policy/deciding-address.ts";
export { decidingFile } from "./policy/deciding-file.ts";
export { decidingHost, hostName, hostText } from "./policy/host-name.ts";
export { refusePolicies } from "./policy/system-wide.ts";
export { printItem, printTree } from "./print.ts";
export { printExpr, printString, quotedText } from "./print-expression.ts";
export { PRIORITIES, parsePriority } from "./priority.ts";
export { shownBuffers } from "./shown-buffers.ts";
export {
  GlobError,
  type GlobNode,
  hasGlobSpecial,
  literalGlob,
  parseGlob,
} from "./strings/glob.ts";
export { GlobMatcher } from "./strings/glob-matcher.ts";
export { byteRegex, compileRegex, RegexError } from "./strings/regex.ts";
export { Assertion, type RegexProgram, type RegexStep } from "./strings/regex-program.ts";
export { didYouMean, nearest } from "./suggest.ts";
export { parseTimeFormat, type TimeConversion, type TimePiece } from "./time-format.ts";
export type * from "./vocabulary.ts";
export { childrenOf, expressionsOf } from "./walk.ts";

export interface ParseOptions {
  /** Without it `include` is an error. */
  readonly loadInclude?: LoadInclude;
  /** Codes of warnings that are not wanted. */
  readonly allow?: readonly string[];
  /** What an engine refuses of the rules that the caller does not load into it now: warnings, which can be allowed. */
  readonly refusals?: (rules: CheckedRuleSet["rules"]) => readonly Diagnostic[];
  /** Without it names of users and groups are errors. */
  readonly accounts?: AccountNames;
}

export interface ParseResult {
  /** Undefined when there is an error: a part of a rule set is never handed on. */
  readonly ruleSet: CheckedRuleSet | undefined;
  /** Errors and warnings, in the order of the files and of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** One tree for each file, included ones too, as far as they could be parsed. */
  readonly ast: readonly Tree[];
  /** The items of all files, with the rules that policies stand for in place of the policies. */
  readonly meaning: readonly Item[];
}

/** Parses and checks rule files together. Never throws on bad rules. */
export function parseRules(
  sources: readonly SourceFile[],
  vocabulary: Vocabulary,
  options: ParseOptions = {},
): ParseResult {
  const report = new Diagnostics();
  const { trees, items } = parseAll(sources, report, options.loadInclude);
  const { ruleSet, meaning } = check(items, vocabulary, report, options.accounts);
  checkAllowed(trees, report);
  if (!report.hasErrors)
    for (const { message, span, hint } of options.refusals?.(ruleSet.rules) ?? [])
      report.add("refused_system_wide", span, [message], hint === undefined ? {} : { hint });
  return {
    ruleSet: report.hasErrors ? undefined : ruleSet,
    diagnostics: withoutAllowed(report.sorted(), trees, options.allow ?? []),
    ast: trees,
    meaning,
  };
}

/** Canonical text of parsed files, includes as they stand. */
export function printRules(trees: readonly Tree[]): string {
  return trees.map(printTree).join("\n");
}
