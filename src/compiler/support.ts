/** What the language allows and the kernel engine cannot do yet: refused with the place and the reason. */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import type {
  BoolExpr,
  CheckedAction,
  CheckedRule,
  IntExpr,
  StringExpr,
} from "../language/checked.ts";
import { VARIABLE_OFFSET } from "./emit/fields.ts";
import { isLimitKey } from "./emit/limit.ts";
import { walk } from "./references.ts";

const ENGINE = "the kernel engine";

/** Log macros whose value the kernel programs do not deliver. */
const UNSUPPORTED_MACROS = new Set([
  "exe",
  "cwd",
  "path",
  "argv",
  "envp",
  "container",
  "cgroup",
  "caps",
  "pidns",
  "mntns",
  "nspid",
]);

const STRING_VARIABLES = new Set(["COMM", "PCOMM", "SNAME", "ABI"]);
const COMPUTED_VARIABLES = new Set(["RETVAL", "SYSCALL"]);

/** One error for each place that this engine must refuse. */
export function unsupportedBy(rules: readonly CheckedRule[]): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const refuse = (span: Span, what: string, hint?: string): void => {
    const key = `${span.file.name}:${span.start}:${what}`;
    found.set(key, {
      code: "not_supported_by_engine",
      severity: "error",
      message: `${what} is not supported yet by ${ENGINE}`,
      span,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  for (const rule of rules) {
    for (const action of rule.actions) checkAction(action, refuse);
    for (const { filter } of rule.targets) if (filter !== undefined) checkFilter(filter, refuse);
    const { limit } = rule;
    if (limit?.per !== undefined && !isLimitKey(limit.per))
      refuse(limit.span, `limit per ${limit.per.toLowerCase()}`);
  }
  return [...found.values()];
}

type Refuse = (span: Span, what: string, hint?: string) => void;

function checkAction(action: CheckedAction, refuse: Refuse): void {
  switch (action.type) {
    case "LOG":
      for (const piece of action.format ?? []) {
        if (piece.kind === "macro" && UNSUPPORTED_MACROS.has(piece.name.toLowerCase()))
          refuse(piece.span, `%${piece.name}${piece.index ?? ""}`);
      }
      return;
    case "REWRITE":
      refuse(
        action.span,
        "action REWRITE",
        "parameters can be changed only for a supervised command",
      );
      return;
    case "SUSPEND":
      if (action.timeoutNs !== undefined) refuse(action.span, "a timeout of SUSPEND");
      return;
    case "FAIL":
    case "KILL":
      return;
  }
}

function checkFilter(filter: BoolExpr, refuse: Refuse): void {
  walk(filter, (node) => {
    const what = unsupportedNode(node);
    if (what !== undefined) refuse(node.span, what);
  });
}

function unsupportedNode(node: BoolExpr | IntExpr | StringExpr): string | undefined {
  switch (node.kind) {
    case "variable":
      if (COMPUTED_VARIABLES.has(node.name) || VARIABLE_OFFSET[node.name] !== undefined)
        return undefined;
      return node.name;
    case "stringVariable":
      return STRING_VARIABLES.has(node.name) ? undefined : node.name;
    case "field":
    case "stringField":
      return `PARAMS[${node.index}].${node.field}`;
    case "bufferParam":
      return `the buffer PARAMS[${node.index}]`;
    case "pathOf":
      return "PATH";
    case "argv":
      return "ARGV";
    case "envp":
      return "ENVP";
    case "stringCompare":
      return "comparing two strings that are both not constant";
    case "inNetwork":
      return "matching a network";
    case "descendsFrom":
      return "descends_from";
    case "stringTest":
      return node.op === "=~" || node.op === "!~" ? `the operator ${node.op}` : undefined;
    default:
      return undefined;
  }
}
