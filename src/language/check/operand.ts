/** PARAMS[n], its fields, PATH[n], ARGV[n], ENVP["NAME"]: what they are for one call. */
import type { Span } from "../../base/span.ts";
import {
  DESCRIPTOR_MEMBERS,
  descriptorMembers,
  isDescriptorMember,
} from "../../variables/index.ts";
import type { Expr } from "../ast.ts";
import type { IntExpr } from "../checked/index.ts";
import { isDescriptor, meansFile } from "../file-parameters.ts";
import { didYouMean } from "../suggest.ts";
import type { Presentation, PresentedParam } from "../vocabulary.ts";
import type { Checker } from "./checker.ts";
import type { Scope } from "./context.ts";
import { KIND_NAMES, type Value } from "./value.ts";
import { indexedVariables, operandNames } from "./variables.ts";

type Index = {
  readonly kind: "index";
  readonly name: string;
  readonly index?: Expr;
  readonly span: Span;
};

/** `NAME[index]`, or ARGV alone. */
export function indexValue(checker: Checker, expr: Index): Value {
  const { name, index, span } = expr;
  switch (name) {
    case "PARAMS":
      return param(checker, index, span);
    case "PATH":
      return pathValue(checker, index, span);
    case "FD":
      return needsMember(checker, index, span);
    case "ARGV":
    case "ENVP":
      return strings(checker, name, index, span);
    default:
      if (!operandNames.includes(name)) {
        return checker.error("unknown_name", span, [name], didYouMean(name, indexedVariables));
      }
      return checker.error(
        "no_index",
        span,
        [name],
        didYouMean(name, ["PARAMS", "PATH", "FD", "ARGV", "ENVP"]),
      );
  }
}

function constantIndex(checker: Checker, name: string, index: Expr): bigint | undefined {
  const value = checker.value(index);
  if (value.is === "int" && value.expr.kind === "int") return value.expr.value;
  if (value.is !== "error") checker.error("bad_index", index.span, [name]);
  return undefined;
}

function scopeOf(checker: Checker, name: string, span: Span): Scope | undefined {
  checker.usesCall = true;
  if (!checker.scope) checker.error("not_constant", span, [`\`${name}\``]);
  return checker.scope;
}

interface Found {
  readonly index: number;
  readonly param: PresentedParam;
  readonly scope: Scope;
}

/** The parameter that an index names, or the value that stands for its absence. */
function find(checker: Checker, name: string, index: Expr | undefined, span: Span): Found | Value {
  const scope = scopeOf(checker, name, span);
  if (!scope || !index) return { is: "error", span };
  const number = constantIndex(checker, name, index);
  if (number === undefined) return { is: "error", span };
  const { params } = scope.prototype;
  const found = number >= 1n && number <= params.length ? params[Number(number) - 1] : undefined;
  if (found) return { index: Number(number), param: found, scope };
  if (scope.fromClass && number >= 1n) return { is: "absent", span };
  return checker.error("param_out_of_range", span, [String(number), scope.name, params.length], {
    ...(number === 0n ? { hint: "PARAMS[1] is the first parameter" } : {}),
    ...(params.length > 0 ? { expected: `1 to ${params.length}` } : {}),
  });
}

function param(checker: Checker, indexExpr: Expr | undefined, span: Span): Value {
  const found = find(checker, "PARAMS", indexExpr, span);
  if ("is" in found) return found;
  const { index } = found;
  const { type } = found.param;
  const unsigned = type.size === 8 && !type.signed;
  const number: IntExpr = { kind: "param", index, unsigned, span };
  const pointer: IntExpr = { ...number, unsigned: true };
  switch (type.kind) {
    case "int":
      return { is: "int", expr: number, type };
    case "pointer":
      return { is: "int", expr: pointer };
    case "string":
    case "path":
      return { is: "string", expr: { kind: "stringParam", index, span }, pointer };
    case "buffer":
      return { is: "string", expr: { kind: "bufferParam", index, span }, pointer };
    default:
      return { is: "pointer", expr: pointer, what: KIND_NAMES[type.kind] };
  }
}

/** Addresses of a socket address, by the last part of the field name. */
const ADDRESS_FIELDS: ReadonlySet<string> = new Set(["addr", "sin_addr", "sin6_addr", "s_addr"]);

/** `PARAMS[n].field`. */
export function fieldValue(checker: Checker, expr: Extract<Expr, { kind: "field" }>): Value {
  const { base, path, span } = expr;
  if (base.kind === "index" && base.name === "FD")
    return descriptorValue(checker, base.index, path, span);
  if (base.kind !== "index" || base.name !== "PARAMS") {
    const value = checker.value(base);
    return value.is === "error"
      ? value
      : checker.error("operand_type", span, [`.${path}`, "this"], {
          expected: "PARAMS[n].field or FD[n].member",
        });
  }
  const found = find(checker, "PARAMS", base.index, base.span);
  if ("is" in found) return found;
  const { index, scope } = found;
  const { type, data } = found.param;
  if (path === "data" && data !== undefined)
    return { is: "string", expr: { kind: "bufferParam", index, span } };
  if (!type.struct) {
    if (scope.fromClass) return { is: "absent", span };
    return checker.error("not_a_struct", span, [index, scope.name, KIND_NAMES[type.kind]]);
  }
  const { vocabulary } = checker.program;
  const field = vocabulary.structField(type.struct, path, scope.prototype.abi);
  if (!field) {
    const isOfSibling = ({ params, abi }: Presentation): boolean => {
      const param = params[index - 1];
      const struct = param?.type.struct;
      if (path === "data" && param?.data !== undefined) return true;
      return struct !== undefined && vocabulary.structField(struct, path, abi) !== undefined;
    };
    if (scope.fromClass && scope.siblings?.some(isOfSibling)) return { is: "absent", span };
    const names = vocabulary.structFieldNames(type.struct);
    return checker.error("unknown_field", span, [path, type.struct], didYouMean(path, names));
  }
  const last = path.slice(path.lastIndexOf(".") + 1);
  if (ADDRESS_FIELDS.has(last) && field.type.kind !== "path") {
    // `addr` may be of either family and is no number.
    const plain = field.type.kind === "int" && last !== "addr";
    const number: IntExpr = { kind: "field", index, field: path, unsigned: false, span };
    const of = { kind: "inNetwork", index, field: path } as const;
    return { is: "address", of, ...(plain ? { number } : {}), span };
  }
  switch (field.type.kind) {
    case "int": {
      const unsigned = field.type.size === 8 && !field.type.signed;
      return {
        is: "int",
        expr: { kind: "field", index, field: path, unsigned, span },
        type: field.type,
      };
    }
    case "pointer":
      return { is: "int", expr: { kind: "field", index, field: path, unsigned: true, span } };
    case "string":
    case "path":
      return { is: "string", expr: { kind: "stringField", index, field: path, span } };
    default:
      return {
        is: "pointer",
        expr: { kind: "field", index, field: path, unsigned: true, span },
        what: KIND_NAMES[field.type.kind],
      };
  }
}

/** `FD[n].member`. */
function descriptorValue(checker: Checker, indexExpr: Expr, member: string, span: Span): Value {
  const found = find(checker, "FD", indexExpr, span);
  if ("is" in found) return found;
  const { index, param: known, scope } = found;
  if (!isDescriptor(known)) {
    if (scope.fromClass) return { is: "absent", span };
    const { kind } = known.type;
    return checker.error("not_a_descriptor", span, [index, scope.name, KIND_NAMES[kind]]);
  }
  if (!isDescriptorMember(member))
    return checker.error("unknown_field", span, [member, "FD[n]"], {
      expected: descriptorMembers.map((name) => `\`${name}\``).join(", "),
      ...didYouMean(member, descriptorMembers),
    });
  if (member === "type" || member === "path")
    return { is: "string", expr: { kind: "fdText", index, member, span } };
  if (member === "addr") return { is: "address", of: { kind: "fdInNetwork", index }, span };
  const expr: IntExpr = { kind: "fdNumber", index, member, unsigned: false, span };
  return { is: "int", expr, type: DESCRIPTOR_MEMBERS[member].type };
}

/** FD[n] alone is nothing that could be compared. */
function needsMember(checker: Checker, indexExpr: Expr | undefined, span: Span): Value {
  const members = descriptorMembers.map((name) => `\`FD[n].${name}\``).join(", ");
  if (indexExpr !== undefined) {
    const found = find(checker, "FD", indexExpr, span);
    if ("is" in found) return found;
  }
  return checker.error("needs_member", span, ["FD[n]"], { expected: members });
}

/** PATH[n], or PATH alone for the first path (or else descriptor) of the call. */
export function pathValue(checker: Checker, indexExpr: Expr | undefined, span: Span): Value {
  if (indexExpr) {
    const found = find(checker, "PATH", indexExpr, span);
    if ("is" in found) return found;
    const { index, scope } = found;
    const { type } = found.param;
    if (meansFile(found.param)) return { is: "string", expr: { kind: "pathOf", index, span } };
    if (scope.fromClass) return { is: "absent", span };
    return checker.error("not_a_path", span, [index, scope.name, KIND_NAMES[type.kind]]);
  }
  const scope = scopeOf(checker, "PATH", span);
  if (!scope) return { is: "error", span };
  if (scope.prototype.params.some(meansFile)) {
    return { is: "string", expr: { kind: "pathOf", index: 0, span } };
  }
  if (scope.fromClass) return { is: "absent", span };
  return checker.error("no_path", span, [scope.name]);
}

function strings(
  checker: Checker,
  name: "ARGV" | "ENVP",
  indexExpr: Expr | undefined,
  span: Span,
): Value {
  const scope = scopeOf(checker, name, span);
  if (!scope) return { is: "error", span };
  const known = scope.prototype.params.some(({ type }) => type.kind === "strings");
  if (!known && !scope.fromClass) {
    checker.error("no_argv", span, [name, scope.name], { hint: "it belongs to execve" });
  }
  if (!known) return scope.fromClass ? { is: "absent", span } : { is: "error", span };
  if (name === "ENVP") {
    const value = indexExpr ? checker.value(indexExpr) : undefined;
    if (value?.is === "error") return value;
    if (value?.is !== "text") {
      return checker.error("bad_index", indexExpr?.span ?? span, [name], {
        expected: 'ENVP["NAME"]',
      });
    }
    const variable = new TextDecoder().decode(value.bytes);
    return { is: "string", expr: { kind: "envp", name: variable, span } };
  }
  if (!indexExpr) return { is: "string", expr: { kind: "argv", span } };
  const index = constantIndex(checker, name, indexExpr);
  if (index === undefined) return { is: "error", span };
  if (index < 0n || index > 0xffffn) return checker.error("bad_index", indexExpr.span, [name]);
  return { is: "string", expr: { kind: "argv", index: Number(index), span } };
}
