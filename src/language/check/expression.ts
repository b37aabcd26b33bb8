/** Types an expression for one call. Operators live in operators.ts and tests.ts, parameters in operand.ts. */
import type { Span } from "../../base/span.ts";
import {
  isIntVariable,
  isStringVariable,
  isVariable,
  numberVariable,
  type VariableName,
  variable,
} from "../../variables/index.ts";
import type { Expr } from "../ast.ts";
import type { BoolExpr, IntExpr } from "../checked/index.ts";
import type { Arguments, Code } from "../messages.ts";
import { decodeNetwork } from "../parse/literals.ts";
import type { Extra } from "../report.ts";
import { didYouMean } from "../suggest.ts";
import type { Checker } from "./checker.ts";
import { type Expansion, MAX_NODES, type RuleProgram, type Scope } from "./context.ts";
import { scopeOfAll } from "./dependent-types.ts";
import { complement, connect, negate, not, truth } from "./fold.ts";
import { checkIn } from "./membership.ts";
import { fieldValue, indexValue, pathValue } from "./operand.ts";
import { checkBinary } from "./operators.ts";
import { absentAtom, describeValue, literal, type Value } from "./value.ts";
import { operandNames } from "./variables.ts";

const LIST_HINT = "a list stands on the right of `in`, `==` or a test of strings such as `matches`";
/** Deepest nesting once defines are expanded. */
const MAX_EXPANDED_DEPTH = 400;
/** Most operands of one filter once its defines are expanded. */
const MAX_FILTER = 100_000;

export class ExpressionChecker implements Checker {
  readonly program: RuleProgram;
  scope: Scope | undefined;
  /** The result depends on the parameters of the call. */
  usesCall = false;
  #expansion: Expansion | undefined;
  #depth = 0;
  #nodes = 0;
  #stopped = false;

  constructor(program: RuleProgram, scope?: Scope) {
    this.program = program;
    this.scope = scope;
  }

  ofConstants(): ExpressionChecker {
    return new ExpressionChecker(this.program);
  }

  /** Reports, and says through which defines it was reached. */
  error<C extends Code>(code: C, span: Span, args: Arguments<C>, extra: Extra = {}): Value {
    const chain: { message: string; span: Span }[] = [];
    for (let at = this.#expansion; at; at = at.outer) {
      chain.push({ message: `Through \`${at.name}\``, span: at.span });
    }
    const related = [...(extra.related ?? []), ...chain];
    this.program.report.add(code, span, args, related.length > 0 ? { ...extra, related } : extra);
    return { is: "error", span };
  }

  /** The expression as a condition; undefined after an error. */
  condition(expr: Expr): BoolExpr | undefined {
    return this.asBool(this.value(expr), expr.span);
  }

  /** The expression as a constant integer; undefined after an error. */
  integer(expr: Expr): bigint | undefined {
    const value = this.value(expr);
    if (value.is === "int" && value.expr.kind === "int") return value.expr.value;
    if (value.is === "int") {
      this.error("not_constant", expr.span, ["This number"], { expected: "a constant number" });
    } else if (value.is !== "error") {
      this.error("not_a_number", expr.span, [describeValue(value, true)], {
        expected: "a constant number",
      });
    }
    return undefined;
  }

  asBool(value: Value, span: Span): BoolExpr | undefined {
    switch (value.is) {
      case "bool":
        return value.expr;
      case "int":
        return truth(value.expr, span);
      case "absent":
        return absentAtom(span);
      case "error":
        return undefined;
      default: {
        this.error("not_a_condition", span, [describeValue(value, true)], {
          expected: "a comparison",
          ...(value.is === "string" || value.is === "text"
            ? { hint: 'compare it: == "…", matches "…"' }
            : {}),
        });
        return undefined;
      }
    }
  }

  asInt(value: Value, span: Span): IntExpr | undefined {
    if (value.is === "int") return value.expr;
    if (value.is === "address") return value.number;
    if (value.is !== "bool") return undefined;
    if (value.expr.kind === "constant") {
      return { kind: "int", value: value.expr.value ? 1n : 0n, unsigned: false, span };
    }
    return { kind: "boolean", operand: value.expr, unsigned: false, span };
  }

  /** Counts operands that are made; more than a filter or all rules may have are an error. */
  spend(nodes: number, span: Span): void {
    this.#nodes += nodes;
    this.program.budget -= nodes;
    if (this.#stopped || (this.#nodes <= MAX_FILTER && this.program.budget >= 0)) return;
    this.#stopped = true;
    if (this.#nodes > MAX_FILTER) this.error("expansion_too_large", span, [MAX_FILTER]);
    else this.error("rules_too_large", span, [MAX_NODES]);
  }

  /** Types any expression. */
  value(expr: Expr): Value {
    if (this.#stopped) return { is: "error", span: expr.span };
    this.spend(1, expr.span);
    if (this.#stopped) return { is: "error", span: expr.span };
    if (this.#depth >= MAX_EXPANDED_DEPTH) {
      this.#stopped = true;
      return this.error("too_deep", expr.span, [MAX_EXPANDED_DEPTH]);
    }
    this.#depth++;
    const value = this.#value(expr);
    this.#depth--;
    return value;
  }

  #value(expr: Expr): Value {
    switch (expr.kind) {
      case "number":
        return literal(expr.value, expr.span);
      case "string":
        return { is: "text", bytes: expr.value, span: expr.span };
      case "network": {
        const network = decodeNetwork(expr.text);
        if (!network) return this.error("bad_network", expr.span, [expr.text]);
        return { is: "network", network, span: expr.span };
      }
      case "name":
        return this.#name(expr.name, expr.span);
      case "index":
        return indexValue(this, expr);
      case "field":
        return fieldValue(this, expr);
      case "call":
        return this.#call(expr);
      case "unary":
        return this.#unary(expr);
      case "logical":
        return this.#logical(expr);
      case "binary":
        return checkBinary(this, expr);
      case "in":
        return checkIn(this, expr);
      case "set":
        return this.error("list_as_value", expr.span, ["(…)"], { hint: LIST_HINT });
      case "error":
        return { is: "error", span: expr.span };
    }
  }

  #name(name: string, span: Span): Value {
    if (isVariable(name)) return this.#variable(name, span);
    if (name === "PATH") return pathValue(this, undefined, span);
    if (name === "ARGV") return indexValue(this, { kind: "index", name, span });
    if (name === "FD") {
      const hint = "FD[1] is what the descriptor in the first parameter stands for";
      return this.error("needs_index", span, [name], { hint });
    }
    if (name === "PARAMS" || name === "ENVP") {
      const hint = name === "PARAMS" ? "PARAMS[1] is the first parameter" : 'write ENVP["NAME"]';
      return this.error("needs_index", span, [name], { hint });
    }
    const define = this.program.names.defines.get(name);
    if (define) return this.#expand(name, define.value, span);
    const constant = this.program.names.constant(name);
    if (constant !== undefined) return literal(constant, span);
    if (this.program.names.lists.has(name)) {
      return this.error("list_as_value", span, [name], { hint: LIST_HINT });
    }
    const upper = name.toUpperCase();
    if (operandNames.includes(upper)) {
      return this.error("unknown_name", span, [name], { hint: `did you mean \`${upper}\`?` });
    }
    return this.error("unknown_name", span, [name], {
      expected: "a variable, constant or define",
      ...didYouMean(name, this.program.names.all()),
    });
  }

  #variable(name: VariableName, span: Span): Value {
    if (!this.scope) return this.error("not_constant", span, [`\`${name}\``]);
    if (variable(name).when === "after" && this.scope.when === "before")
      return this.error("after_only", span, [name], { hint: "write `when = after`" });
    if (isStringVariable(name))
      return { is: "string", expr: { kind: "stringVariable", name, span } };
    if (!isIntVariable(name)) return { is: "error", span };
    const { type } = numberVariable(name);
    const unsigned = type.size === 8 && !type.signed;
    return { is: "int", expr: { kind: "variable", name, unsigned, span }, type };
  }

  #expand(name: string, body: Expr, span: Span): Value {
    for (let at = this.#expansion; at; at = at.outer) {
      if (at.name === name) return this.error("recursive_name", span, [name]);
    }
    // it was reported where it stands
    if (this.program.names.oversized.has(name)) return { is: "error", span };
    const outer = this.#expansion;
    this.#expansion = { name, span, outer };
    const value = this.value(body);
    this.#expansion = outer;
    return value;
  }

  #call(expr: Extract<Expr, { kind: "call" }>): Value {
    if (expr.name !== "descends_from") {
      return this.error("unknown_function", expr.span, [expr.name], {
        expected: "`descends_from`",
        ...didYouMean(expr.name, ["descends_from"]),
      });
    }
    if (!this.scope) return this.error("not_constant", expr.span, ["`descends_from`"]);
    const [argument] = expr.args;
    const expected = "the name or the pid of an ancestor";
    if (!argument || expr.args.length !== 1) {
      return this.error("bad_arguments", expr.span, [expr.name], { expected });
    }
    const value = this.value(argument);
    if (value.is === "error") return value;
    if (value.is === "text") {
      const ancestor = new TextDecoder().decode(value.bytes);
      return { is: "bool", expr: { kind: "descendsFrom", ancestor, span: expr.span } };
    }
    if (value.is === "int" && value.expr.kind === "int") {
      const pid = value.expr.value;
      if (pid > 0n && pid <= 0x7fff_ffffn) {
        return {
          is: "bool",
          expr: { kind: "descendsFrom", ancestor: Number(pid), span: expr.span },
        };
      }
    }
    return this.error("bad_arguments", expr.span, [expr.name], { expected });
  }

  #unary(expr: Extract<Expr, { kind: "unary" }>): Value {
    const operand = this.value(expr.operand);
    const { span, op } = expr;
    if (operand.is === "error") return operand;
    if (op === "!") {
      const condition = this.asBool(operand, expr.operand.span);
      return condition ? { is: "bool", expr: not(condition, span) } : { is: "error", span };
    }
    if (operand.is === "absent") return operand;
    const number = this.asInt(operand, expr.operand.span);
    if (!number) return this.error("operand_type", span, [op, describeValue(operand)]);
    return { is: "int", expr: op === "-" ? negate(number, span) : complement(number, span) };
  }

  #logical(expr: Extract<Expr, { kind: "logical" }>): Value {
    const outer = this.scope;
    if (expr.op === "&&") this.scope = scopeOfAll(this.program, outer, expr.operands);
    const operands = expr.operands.map((operand) => this.condition(operand));
    this.scope = outer;
    if (operands.includes(undefined)) return { is: "error", span: expr.span };
    const kind = expr.op === "||" ? "or" : "and";
    return {
      is: "bool",
      expr: connect(
        kind,
        operands.filter((o) => o !== undefined),
        expr.span,
      ),
    };
  }
}
