/** What an expression turned out to be. */
import type { Span } from "../../base/span.ts";
import type { IntType } from "../../variables/index.ts";
import type { AddressOf, BoolExpr, IntExpr, StringExpr } from "../checked/index.ts";
import { I64_MAX, type Network } from "../parse/literals.ts";
import type { ParamType } from "../vocabulary.ts";

export type Value =
  /** `type` is known for plain operands: it bounds the value and says how -1 is meant. */
  | { readonly is: "int"; readonly expr: IntExpr; readonly type?: IntType }
  | { readonly is: "bool"; readonly expr: BoolExpr }
  /** `pointer` is the same parameter as a number, to compare it with NULL. */
  | { readonly is: "string"; readonly expr: StringExpr; readonly pointer?: IntExpr }
  /** A string constant. */
  | { readonly is: "text"; readonly bytes: Uint8Array; readonly span: Span }
  /** Address of something that is neither number nor string. */
  | { readonly is: "pointer"; readonly expr: IntExpr; readonly what: string }
  /** The network address in a socket address. */
  | {
      readonly is: "address";
      readonly of: AddressOf;
      /** An IPv4 address as a number in host order. */
      readonly number?: IntExpr;
      readonly span: Span;
    }
  | { readonly is: "network"; readonly network: Network; readonly span: Span }
  /** This member of a class has no such thing: the atom around it is false. */
  | { readonly is: "absent"; readonly span: Span }
  /** Reported already. */
  | { readonly is: "error"; readonly span: Span };

/** How kinds of parameters are called in messages. */
export const KIND_NAMES: Readonly<Record<ParamType["kind"], string>> = {
  int: "a number",
  string: "a string",
  path: "a path",
  buffer: "a buffer",
  struct: "a struct",
  strings: "a list of strings",
  pointer: "a pointer",
};

/** How a value is called in a message; `first` at its beginning. */
export function describeValue(value: Value, first = false): string {
  const name = nameOf(value);
  return first ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

function nameOf(value: Value): string {
  switch (value.is) {
    case "int":
      return value.expr.kind === "int" ? `the number ${value.expr.value}` : "a number";
    case "bool":
      return "a condition";
    case "string":
      return value.expr.kind === "bufferParam" ? "a buffer" : "a string";
    case "text":
      return "a string constant";
    case "pointer":
      return value.what;
    case "address":
      return "a network address";
    case "network":
      return "a network";
    default:
      return "nothing";
  }
}

/** Brings any integer into the canonical form of a constant node: its 64 bits, read by the sign of the node. */
export function intConstant(value: bigint, unsigned: boolean, span: Span): IntExpr {
  const canonical = unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  return { kind: "int", value: canonical, unsigned, span };
}

/** A literal or named constant: unsigned only when it does not fit a signed number. */
export function literal(value: bigint, span: Span): Value {
  return { is: "int", expr: intConstant(value, value > I64_MAX, span) };
}

/** What an atom is for a call that lacks what it looks at: false, and so is its negation. */
export function absentAtom(span: Span): BoolExpr {
  return { kind: "constant", value: false, absent: true, span };
}

export function isAbsent(expr: BoolExpr): boolean {
  return expr.kind === "constant" && expr.absent === true;
}

export function boolConstant(value: boolean, span: Span): BoolExpr {
  return { kind: "constant", value, span };
}
