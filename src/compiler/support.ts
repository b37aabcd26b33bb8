/** What the language allows and the kernel engine cannot do yet: refused with the place and the reason. */
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import type {
  BoolExpr,
  CheckedAction,
  CheckedRule,
  IntExpr,
  StringExpr,
  Target,
} from "../language/checked.ts";
import { VARIABLE_OFFSET } from "./emit/fields.ts";
import { isLimitKey } from "./emit/limit.ts";
import { HOOKS_OF_CALL } from "./hooks.ts";
import type { Machine } from "./machine.ts";
import { pathHooks } from "./path-hooks.ts";
import { filesNamed, objectNames } from "./plan.ts";
import { walk } from "./references.ts";

/** For what the other engine has. */
const RUN_HINT = "`sct run` can, for one command";

const ENGINE = "the kernel engine";

/** Log macros whose value the kernel programs do not deliver. */
const UNSUPPORTED_MACROS = new Set([
  "argv",
  "envp",
  "container",
  "cgroup",
  "caps",
  "pidns",
  "mntns",
  "nspid",
]);

const STRING_VARIABLES = new Set(["COMM", "PCOMM", "SNAME", "ABI", "EXE", "CWD"]);
const COMPUTED_VARIABLES = new Set(["RETVAL", "SYSCALL"]);

/** One error for each place that this engine must refuse. */
export function unsupportedBy(rules: readonly CheckedRule[], machine: Machine): Diagnostic[] {
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
    for (const target of rule.targets) {
      if (target.filter !== undefined) checkFilter(target.filter, refuse);
      checkFiles(rule, target, machine, refuse);
    }
    const { limit } = rule;
    if (limit?.per !== undefined && !isLimitKey(limit.per))
      refuse(limit.span, `limit per ${limit.per.toLowerCase()}`, RUN_HINT);
  }
  return [...found.values()];
}

/** Files are known only in security hooks, and only some hooks are told them. */
function checkFiles(rule: CheckedRule, target: Target, machine: Machine, refuse: Refuse): void {
  const names = target.presentations.flatMap((p) => objectNames(rule, target, p));
  if (!names.some(({ kind }) => kind === "path")) return;
  const spans = filesNamed(rule, target);
  const hint = "`sct run` can, for one command; PARAMS[n] is the text that the program gave";
  if (machine.hookKind === undefined) {
    for (const span of spans) refuse(span, "PATH (it needs security hooks)", hint);
    return;
  }
  const [first] = target.presentations;
  if (first !== undefined && !first.params.some(({ type }) => type.kind === "path")) {
    for (const span of spans)
      refuse(span, `PATH of ${target.name}, whose parameters name no file,`);
    return;
  }
  const blind = target.presentations.find((p) => {
    const hooks = pathHooks(p.call, HOOKS_OF_CALL[p.call] ?? []);
    return !hooks.some((hook) => machine.hasHook(hook));
  });
  if (blind !== undefined)
    for (const span of spans)
      refuse(span, `PATH of ${blind.call} (no security hook is told the file)`, hint);
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
      refuse(action.span, "action REWRITE", "only `sct run` can, for one command");
      return;
    case "SUSPEND":
    case "FAIL":
    case "KILL":
      return;
  }
}

function checkFilter(filter: BoolExpr, refuse: Refuse): void {
  walk(filter, (node) => {
    const what = unsupportedNode(node);
    if (what !== undefined) refuse(node.span, what, RUN_HINT);
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
