/** Tree → canonical text. Parsing it gives the same tree; printing that gives the same text. */
import type {
  ActionEntry,
  Assignment,
  Item,
  Name,
  PolicyEntry,
  RuleEntry,
  TestEntry,
  Tree,
} from "./ast.ts";
import { isFreeName } from "./parse/lexer.ts";
import { printExpr, printSetItem, printString } from "./print-expression.ts";

function printName({ text }: Name): string {
  return isFreeName(text) ? text : printString(new TextEncoder().encode(text));
}

const names = (values: readonly Name[]): string => values.map(printName).join(", ");

function printAssignments(assignments: readonly Assignment[]): string {
  const parts = assignments.map((a) => `${printExpr(a.target)} = ${printExpr(a.value)}`);
  return parts.length > 0 ? `{ ${parts.join("; ")} }` : "{ }";
}

function printActionEntry(entry: ActionEntry): string {
  switch (entry.kind) {
    case "type":
    case "timeout":
      return `${entry.kind} = ${printName(entry.value)}`;
    case "error_code":
      return `error_code = ${printExpr(entry.value)}`;
    case "log_format":
      return `log_format {${entry.text}}`;
    case "rewrite":
      return `rewrite ${printAssignments(entry.assignments)}`;
    case "by":
    case "sum":
    case "hist":
      return `${entry.kind} ${entry.values.map(printExpr).join(", ")}`;
  }
}

function printRuleEntry(entry: RuleEntry): string[] {
  switch (entry.kind) {
    case "description":
      return [`description = ${printString(entry.value.value)}`];
    case "tags":
    case "syscall_name":
      return [`${entry.kind} = ${names(entry.values)}`];
    case "filter_expression":
      return [`filter_expression {${printExpr(entry.value)}}`];
    case "limit":
    case "threshold":
      return [`${entry.kind} = ${entry.count.text}/${entry.period.text}${printPer(entry.per)}`];
    case "occurrence":
      return [`occurrence = ${printOccurrence(entry)}${printPer(entry.per)}`];
    case "chance":
      return [`chance = ${entry.percent.text}%`];
    case "action":
      return ["action {", ...entry.entries.map((e) => `  ${printActionEntry(e)}`), "}"];
    default:
      return [`${entry.kind} = ${printName(entry.value)}`];
  }
}

const printPer = (per: Name | undefined): string => (per ? ` per ${printName(per)}` : "");

function printOccurrence({ first, more }: Extract<RuleEntry, { kind: "occurrence" }>): string {
  if (!more) return first.text;
  if (more.kind === "open") return `${first.text}+`;
  return `${first.text}${more.kind === "last" ? ".." : "+"}${more.value.text}`;
}

function printTestEntry(entry: TestEntry): string {
  if (entry.kind === "call") {
    const as = entry.variables.length > 0 ? ` as ${printAssignments(entry.variables)}` : "";
    const returns = entry.returns ? ` returns ${printExpr(entry.returns)}` : "";
    return `call ${entry.name.text}(${entry.args.map(printExpr).join(", ")})${as}${returns}`;
  }
  const errno = entry.errno ? ` ${printExpr(entry.errno)}` : "";
  const text = entry.text ? ` ${printString(entry.text.value)}` : "";
  const by = entry.by ? ` by ${printName(entry.by)}` : "";
  return `expect ${entry.what.text}${errno}${text}${by}`;
}

function printPolicyEntry(entry: PolicyEntry): string {
  if (entry.kind === "otherwise")
    return `otherwise = ${entry.what.text}${entry.errno ? ` ${printExpr(entry.errno)}` : ""}`;
  const members = entry.items.map(
    ({ negated, value }) => `${negated ? "not " : ""}${printExpr(value)}`,
  );
  return `${entry.kind} { ${members.length === 0 ? "" : `${members.join(", ")} `}}`;
}

function block(head: string, lines: readonly string[]): string {
  return [`${head} {`, ...lines.map((line) => `  ${line}`), "}"].join("\n");
}

/** Canonical text of one item, without a line end. */
export function printItem(item: Item): string {
  switch (item.kind) {
    case "rule":
      return block("rule", item.entries.flatMap(printRuleEntry));
    case "define":
      return `define ${item.name.text} { ${printExpr(item.value)} }`;
    case "list":
      return `list ${item.name.text} { ${item.values.map(printSetItem).join(", ")} }`;
    case "include":
      return `include ${printString(item.path.value)}`;
    case "test":
      return block(`test ${printString(item.title.value)}`, item.entries.map(printTestEntry));
    case "policy":
      return block(`policy ${printName(item.name)}`, item.entries.map(printPolicyEntry));
  }
}

/** Canonical text of a file. */
export function printTree(tree: Tree): string {
  return tree.items.map((item) => `${printItem(item)}\n`).join("\n");
}
