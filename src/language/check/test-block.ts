/** `test` blocks. */
import {
  findVariable,
  isIntVariable,
  type Variable,
  variableNames,
} from "../../variables/index.ts";
import type { Assignment, Expr, TestEntry, TestItem } from "../ast.ts";
import type { CheckedTest, TestExpectation } from "../checked/index.ts";
import { printExpr } from "../print-expression.ts";
import { didYouMean } from "../suggest.ts";
import { accountNumber, kindOfVariable } from "./accounts.ts";
import { ACTION_TYPES, checkErrno, isActionType } from "./action.ts";
import type { RuleProgram, Scope } from "./context.ts";
import { typedByValues } from "./dependent-types.ts";
import { ExpressionChecker } from "./expression.ts";
import { describeValue } from "./value.ts";

type CallEntry = Extract<TestEntry, { kind: "call" }>;

/** Checks a test; undefined after an error. */
export function checkTest(
  program: RuleProgram,
  item: TestItem,
  ruleNames: ReadonlySet<string>,
): CheckedTest | undefined {
  const { report } = program;
  const [entry, second] = item.entries.filter((e) => e.kind === "call");
  const expectations = item.entries.filter((e) => e.kind === "expect");
  const { title } = item;
  if (second) report.add("duplicate_entry", second.span, ["call", "test"]);
  if (!entry && !item.broken)
    report.add("missing_call", title.span, [], { expected: "`call NAME(…)`" });
  if (expectations.length === 0 && !item.broken) {
    report.add("missing_expect", title.span, [], {
      expected: "`expect nothing` or `expect LOG`, `expect FAIL EPERM` …",
    });
  }
  const expect: TestExpectation[] = [];
  for (const expectation of expectations) {
    const checked = checkExpectation(program, expectation, ruleNames);
    if (checked) expect.push(checked);
  }
  const call = entry && checkCall(program, entry);
  if (!call || expect.length === 0) return undefined;
  return { title: new TextDecoder().decode(title.value), call, expect, span: item.span };
}

function checkCall(program: RuleProgram, entry: CallEntry): CheckedTest["call"] | undefined {
  const { text: name, span } = entry.name;
  const [prototype] = program.vocabulary.presentations(name, "exact") ?? [];
  if (!prototype) {
    program.report.add(
      "unknown_call",
      span,
      [name],
      didYouMean(name, program.vocabulary.callNames),
    );
    // what else is wrong is said all the same
    for (const arg of entry.args) constant(program, arg);
    for (const assignment of entry.variables)
      setVariable(program, undefined, assignment, new Map());
    return undefined;
  }
  const { length } = prototype.params;
  if (entry.args.length > length) {
    const extra = entry.args[length];
    program.report.add("too_many_arguments", extra?.span ?? entry.span, [name, length]);
  }
  const values = entry.args.map((arg) => constant(program, arg));
  const params = typedByValues(program, name, prototype, (position) => values[position - 1]);
  const args = entry.args.map((arg, i) => {
    const value = values[i];
    const kind = params[i]?.type.kind;
    if (value instanceof Uint8Array && kind === "int") {
      program.report.add("type_mismatch", arg.span, ["=", "a number", "a string constant"]);
    }
    return value === 0n && kind !== "int" ? null : (value ?? null);
  });
  const scope: Scope = { when: "after", name, prototype, fromClass: false };
  const variables = new Map<string, bigint | Uint8Array>();
  for (const assignment of entry.variables) setVariable(program, scope, assignment, variables);
  const retval = entry.returns && new ExpressionChecker(program).integer(entry.returns);
  return { name, args, variables, ...(retval === undefined ? {} : { retval }) };
}

function constant(program: RuleProgram, expr: Expr): bigint | Uint8Array | undefined {
  const value = new ExpressionChecker(program).value(expr);
  if (value.is === "text") return value.bytes;
  if (value.is === "network") return value.network.address;
  if (value.is === "int" && value.expr.kind === "int") return value.expr.value;
  if (value.is !== "error") {
    program.report.add("not_constant", expr.span, [describeValue(value, true)], {
      expected: "a number or a string",
    });
  }
  return undefined;
}

function setVariable(
  program: RuleProgram,
  scope: Scope | undefined,
  { target, value }: Assignment,
  variables: Map<string, bigint | Uint8Array>,
): void {
  const key = settable(program, scope, target);
  const given = constant(program, value);
  if (key === undefined || given === undefined) return;
  const { name, holds } = key;
  const kind = given instanceof Uint8Array ? kindOfVariable(name) : undefined;
  if (kind && given instanceof Uint8Array) {
    const id = accountNumber(program, kind, given, value.span);
    if (typeof id === "bigint") variables.set(name, id);
    return;
  }
  const got =
    typeof given === "bigint"
      ? "a number"
      : value.kind === "network"
        ? "a network address"
        : "a string";
  if (holds !== got) {
    program.report.add("type_mismatch", value.span, ["=", holds, got]);
    return;
  }
  if (variables.has(name)) program.report.add("duplicate_entry", target.span, [name, "test"]);
  variables.set(name, given);
}

/** What can be set, by the name under which SyntheticCall finds it. */
interface Settable {
  readonly name: string;
  readonly holds: "a number" | "a string" | "a network address";
}

/** `UID`, `PATH`, `PATH[1]`, `ARGV[0]`, `ENVP[HOME]`, `PARAMS[2].sin_port`, `FD[1].path`, `descends_from(sshd)`. */
function settable(
  program: RuleProgram,
  scope: Scope | undefined,
  target: Expr,
): Settable | undefined {
  if (target.kind === "name") return variable(program, target);
  const isIndexed =
    target.kind === "index" &&
    (target.name === "PATH" || target.name === "ARGV" || target.name === "ENVP");
  const isField = target.kind === "field";
  const isCall = target.kind === "call" && target.name === "descends_from";
  if (!isIndexed && !isField && !isCall) {
    program.report.add("bad_test_variable", target.span, [printExpr(target)], {
      expected:
        'a variable such as `UID`, `PATH[1]`, `PARAMS[2].sin_port`, `descends_from("sshd")`',
    });
    return undefined;
  }
  // of a call that does not exist nothing more can be said
  const checked = scope && new ExpressionChecker(program, scope).value(target);
  if (checked?.is === "string") {
    const { expr } = checked;
    if (expr.kind === "envp") return { name: `ENVP[${expr.name}]`, holds: "a string" };
    if (expr.kind === "stringField")
      return { name: `PARAMS[${expr.index}].${expr.field}`, holds: "a string" };
    if (expr.kind === "bufferParam" && isField)
      return { name: `PARAMS[${expr.index}].data`, holds: "a string" };
    if (expr.kind === "fdText")
      return { name: `FD[${expr.index}].${expr.member}`, holds: "a string" };
    if ((expr.kind === "pathOf" || expr.kind === "argv") && isIndexed)
      return { name: `${target.name}[${expr.index}]`, holds: "a string" };
  }
  if (checked?.is === "int" && checked.expr.kind === "field")
    return { name: `PARAMS[${checked.expr.index}].${checked.expr.field}`, holds: "a number" };
  if (checked?.is === "int" && checked.expr.kind === "fdNumber")
    return { name: `FD[${checked.expr.index}].${checked.expr.member}`, holds: "a number" };
  if (checked?.is === "address") {
    const { of } = checked;
    const name =
      of.kind === "inNetwork" ? `PARAMS[${of.index}].${of.field}` : `FD[${of.index}].addr`;
    return { name, holds: "a network address" };
  }
  if (checked?.is === "bool" && checked.expr.kind === "descendsFrom")
    return { name: `descends_from(${checked.expr.ancestor})`, holds: "a number" };
  return undefined;
}

function followsFromCall({ inTests }: Variable): boolean {
  return inTests !== undefined && "follows" in inTests;
}

function variable(
  program: RuleProgram,
  target: Extract<Expr, { kind: "name" }>,
): Settable | undefined {
  const { name } = target;
  const known = findVariable(name);
  if (name === "PATH" || (known && !followsFromCall(known)))
    return { name, holds: isIntVariable(name) ? "a number" : "a string" };
  const hint =
    name === "RETVAL"
      ? { hint: "write `returns N` after the call" }
      : didYouMean(name, variableNames);
  program.report.add("bad_test_variable", target.span, [name], hint);
  return undefined;
}

function checkExpectation(
  program: RuleProgram,
  entry: Extract<TestEntry, { kind: "expect" }>,
  ruleNames: ReadonlySet<string>,
): TestExpectation | undefined {
  const { what, by, span } = entry;
  const { report } = program;
  if (by && !ruleNames.has(by.text)) {
    program.report.add("unknown_rule", by.span, [by.text], didYouMean(by.text, ruleNames));
  }
  if (what.text === "nothing") {
    const surplus = { "error code": entry.errno, text: entry.text, by };
    for (const [name, given] of Object.entries(surplus)) {
      if (given) report.add("entry_not_allowed", given.span, [name, "`nothing`"]);
    }
    return { kind: "nothing", span };
  }
  if (!isActionType(what.text)) {
    program.report.add("bad_expectation", what.span, [what.text], {
      expected: `\`nothing\`, ${ACTION_TYPES.map((t) => `\`${t}\``).join(", ")}`,
      ...didYouMean(what.text, ["nothing", ...ACTION_TYPES]),
    });
    return undefined;
  }
  const type = what.text;
  if (entry.text && type !== "LOG")
    program.report.add("entry_not_allowed", entry.text.span, ["text", type]);
  if (entry.errno && type !== "FAIL") {
    program.report.add("entry_not_allowed", entry.errno.span, ["error code", type]);
    return undefined;
  }
  const errno = entry.errno && checkErrno(program, entry.errno);
  return {
    kind: "action",
    type,
    ...(errno === undefined ? {} : { errno }),
    ...(entry.text ? { text: new TextDecoder().decode(entry.text.value) } : {}),
    ...(by ? { by: by.text } : {}),
    span,
  };
}
