/** Actions of a rule. */
import type { Span } from "../../base/span.ts";
import type { ActionEntry, ActionItem, Assignment, Expr } from "../ast.ts";
import type { CheckedAction, CountedValues, RewriteAssignment } from "../checked/index.ts";
import { COUNT_ENTRIES } from "../parse/count.ts";
import { decodeDuration } from "../parse/literals.ts";
import { didYouMean, nearest } from "../suggest.ts";
import type { RuleProgram, Scope } from "./context.ts";
import { checkCount } from "./count.ts";
import { ExpressionChecker } from "./expression.ts";
import { checkLogFormat } from "./log-format.ts";
import { describeValue } from "./value.ts";

export const ACTION_TYPES = ["LOG", "FAIL", "KILL", "SUSPEND", "REWRITE", "COUNT"] as const;
type ActionType = (typeof ACTION_TYPES)[number];

/** Which entries belong to which type. */
const ENTRIES: Readonly<Record<ActionType, readonly string[]>> = {
  LOG: ["type", "log_format"],
  FAIL: ["type", "error_code"],
  KILL: ["type"],
  SUSPEND: ["type", "timeout"],
  REWRITE: ["type", "rewrite"],
  COUNT: ["type", ...COUNT_ENTRIES],
};

interface Entries {
  readonly byKind: ReadonlyMap<string, ActionEntry>;
}

export function isActionType(text: string): text is ActionType {
  return (ACTION_TYPES as readonly string[]).includes(text);
}

/** The rule around an action. */
interface ActionRule {
  readonly scopes: readonly Scope[];
  readonly when: "before" | "after";
  /** Gets what COUNT means for each call, by its name. */
  readonly counted: Map<string, CountedValues>;
}

/** Checks one action for all calls of its rule; undefined after an error. */
export function checkAction(
  program: RuleProgram,
  item: ActionItem,
  rule: ActionRule,
): CheckedAction | undefined {
  const byKind = new Map<string, ActionEntry>();
  for (const entry of item.entries) {
    const first = byKind.get(entry.kind);
    if (first) {
      const related = [{ message: "It is given here first", span: first.span }];
      program.report.add("duplicate_entry", entry.span, [entry.kind, "action"], { related });
    } else byKind.set(entry.kind, entry);
  }
  const typeEntry = byKind.get("type");
  if (typeEntry?.kind !== "type") {
    if (!item.broken) {
      const expected = ACTION_TYPES.map((t) => `\`type = ${t}\``).join(", ");
      program.report.add("missing_entry", item.span, ["action", "type"], { expected });
    }
    return undefined;
  }
  const { text: type, span } = typeEntry.value;
  if (!isActionType(type)) {
    program.report.add("bad_keyword", span, [type, "type"], {
      expected: ACTION_TYPES.map((t) => `\`${t}\``).join(", "),
      ...didYouMean(type, ACTION_TYPES),
    });
    return undefined;
  }
  for (const entry of byKind.values()) {
    if (!ENTRIES[type].includes(entry.kind)) {
      program.report.add("entry_not_allowed", entry.span, [entry.kind, type]);
    }
  }
  return checkTyped(program, type, { byKind }, item, rule);
}

function checkTyped(
  program: RuleProgram,
  type: ActionType,
  { byKind }: Entries,
  item: ActionItem,
  { scopes, when, counted }: ActionRule,
): CheckedAction | undefined {
  const { span } = item;
  const missing = (entry: string, expected: string) => {
    if (!item.broken)
      program.report.add("missing_entry", span, [`${type} action`, entry], { expected });
    return undefined;
  };
  switch (type) {
    case "LOG": {
      const format = byKind.get("log_format");
      if (format?.kind !== "log_format") return { type, span };
      return { type, format: checkLogFormat(program, format.text, format.raw, scopes, when), span };
    }
    case "FAIL": {
      if (when === "after") {
        program.report.add("fail_after", span, [], {
          hint: "REWRITE with rewrite { RETVAL = … } changes the result; when = before prevents the call",
        });
      }
      const code = byKind.get("error_code");
      if (code?.kind !== "error_code") return missing("error_code", "`error_code = EPERM`");
      const errno = checkErrno(program, code.value);
      return errno === undefined ? undefined : { type, errno, span };
    }
    case "KILL":
      return { type, span };
    case "SUSPEND": {
      const timeout = byKind.get("timeout");
      if (timeout?.kind !== "timeout") return { type, span };
      const timeoutNs = decodeDuration(timeout.value.text);
      if (timeoutNs === undefined) {
        program.report.add("bad_duration", timeout.value.span, [timeout.value.text], {
          expected: "a duration such as `30s`, `500ms`, `5min`",
        });
        return undefined;
      }
      return { type, timeoutNs, span };
    }
    case "REWRITE": {
      const rewrite = byKind.get("rewrite");
      if (rewrite?.kind !== "rewrite") return missing("rewrite", '`rewrite { PARAMS[1] = "…" }`');
      return checkRewrite(program, rewrite.assignments, scopes, when, span);
    }
    case "COUNT":
      return checkCount(program, byKind, scopes, counted, span);
  }
}

/** ERESTARTSYS to EPROBE_DEFER of include/linux/errno.h. */
const RESTART_CODES = { first: 512, last: 517 } as const;

/** `-1`, `1`, `EPERM`, `-EPERM`: an error number 1..4095 that programs can be shown. */
export function checkErrno(program: RuleProgram, expr: Expr): number | undefined {
  const expected = "an error name such as `EPERM`, or 1 to 4095";
  const plain = expr.kind === "unary" && expr.op === "-" ? expr.operand : expr;
  if (plain.kind === "name" && !program.names.defines.has(plain.name)) {
    const errno = program.vocabulary.errno(plain.name);
    if (errno !== undefined) return shown(program, errno, plain);
    const errnoNames = [...program.vocabulary.constantNames].filter((name) =>
      /^E[A-Z0-9]+$/.test(name),
    );
    program.report.add("unknown_errno", plain.span, [plain.name], {
      expected,
      ...didYouMean(plain.name, errnoNames),
    });
    return undefined;
  }
  const value = new ExpressionChecker(program).integer(expr);
  if (value === undefined) return undefined;
  const errno = value < 0n ? -value : value;
  if (errno >= 1n && errno <= 4095n) return shown(program, Number(errno), expr);
  program.report.add("bad_error_code", expr.span, [String(value)], { expected });
  return undefined;
}

function shown(program: RuleProgram, errno: number, { span }: Expr): number | undefined {
  if (errno < RESTART_CODES.first || errno > RESTART_CODES.last) return errno;
  program.report.add("restart_code", span, [errno], { expected: "another error" });
  return undefined;
}

function checkRewrite(
  program: RuleProgram,
  assignments: readonly Assignment[],
  scopes: readonly Scope[],
  when: "before" | "after",
  span: Span,
): CheckedAction | undefined {
  if (assignments.length === 0) {
    program.report.add("missing_entry", span, ["rewrite block", "PARAMS[n] = …"]);
    return undefined;
  }
  let checked: RewriteAssignment[] | undefined;
  for (const scope of scopes) {
    const all = assignments.map((a) =>
      checkAssignment(new ExpressionChecker(program, scope), a, when),
    );
    const good = all.filter((a) => a !== undefined);
    if (good.length === all.length) checked ??= good;
  }
  return checked && { type: "REWRITE", assignments: checked, span };
}

function checkAssignment(
  checker: ExpressionChecker,
  { target, value, span }: Assignment,
  when: "before" | "after",
): RewriteAssignment | undefined {
  const expected = when === "before" ? "`PARAMS[n]` or `PARAMS[n].field`" : "`RETVAL`";
  if (target.kind === "name" && target.name === "RETVAL") {
    if (when === "before") {
      checker.error("rewrite_retval_before", target.span, [], {
        hint: "write `when = after`, or FAIL",
      });
      return undefined;
    }
    const number = checker.asInt(checker.value(value), value.span);
    if (number) return { target: { kind: "retval" }, value: { kind: "int", value: number }, span };
    return mismatch(checker, "RETVAL", value);
  }
  const param = target.kind === "field" ? target.base : target;
  if (param.kind !== "index" || param.name !== "PARAMS") {
    const near = target.kind === "name" ? nearest(target.name, ["RETVAL", "PARAMS"]) : undefined;
    const hint = near ? { hint: `did you mean \`${near}\`?` } : {};
    checker.error("bad_rewrite_target", target.span, [], { expected, ...hint });
    return undefined;
  }
  if (when === "after") {
    checker.error("rewrite_param_after", target.span, [], { hint: "write `when = before`" });
    return undefined;
  }
  const place = checker.value(target);
  const right = checker.value(value);
  if (place.is === "error" || right.is === "error") return undefined;
  if (place.is === "int" || place.is === "pointer") {
    const number = checker.asInt(right, value.span);
    if (!number) return mismatch(checker, describeValue(place), value);
    const { expr } = place;
    if (expr.kind === "param") {
      return {
        target: { kind: "param", index: expr.index },
        value: { kind: "int", value: number },
        span,
      };
    }
    if (expr.kind !== "field") return undefined;
    const { index, field } = expr;
    if (isBehindPointer(checker, index, field)) {
      const hint = "its struct is not the one that the parameter points to";
      checker.error("bad_rewrite_target", target.span, [], { expected, hint });
      return undefined;
    }
    return { target: { kind: "field", index, field }, value: { kind: "int", value: number }, span };
  }
  if (
    place.is !== "string" ||
    (place.expr.kind !== "stringParam" && place.expr.kind !== "bufferParam")
  ) {
    checker.error("bad_rewrite_target", target.span, [], { expected });
    return undefined;
  }
  const to = { kind: "param", index: place.expr.index } as const;
  if (right.is === "text")
    return { target: to, value: { kind: "string", value: right.bytes }, span };
  if (right.is === "string")
    return { target: to, value: { kind: "stringExpr", value: right.expr }, span };
  return mismatch(checker, describeValue(place), value);
}

/** The member is not one of the struct that the parameter points to, of which REWRITE makes a copy. */
function isBehindPointer({ program, scope }: ExpressionChecker, index: number, field: string) {
  const struct = scope?.prototype.params[index - 1]?.type.struct;
  if (scope === undefined || struct === undefined) return false;
  const found = program.vocabulary.structField(struct, field, scope.prototype.abi);
  return found?.behind !== undefined;
}

function mismatch(checker: ExpressionChecker, left: string, value: Expr): undefined {
  const right = checker.value(value);
  if (right.is !== "error")
    checker.error("type_mismatch", value.span, ["=", left, describeValue(right)]);
  return undefined;
}
