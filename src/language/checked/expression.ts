/**
 * Expressions that were checked: names resolved, defines and lists expanded, types known.
 * The evaluator gives them their meaning, the compiler their bytecode; both must agree on all of it.
 *
 * Truth is three-valued (Kleene): false < unreadable < true; && is min, || is max, ! swaps.
 * An atom (comparison, string test, truth of a number) is `unreadable` when memory that it needs cannot be
 * read or a string in it is longer than MAX_STRING; it is *false* when it divides by zero or uses an absent
 * parameter or a string parameter that is a NULL pointer.
 */
import type { Span } from "../../base/span.ts";
import type {
  DescriptorNumber,
  DescriptorText,
  IntVariable,
  StringVariable,
} from "../../variables/index.ts";

export type { IntVariable, StringVariable };

/** Longest string, in bytes without the NUL, that engines read whole; longer ones are `truncated`. */
export const MAX_STRING = 4096;

/** 64-bit integers; `unsigned` says how the node's value compares, divides and shifts right. */
export type IntExpr =
  | {
      readonly kind: "int";
      readonly value: bigint;
      readonly unsigned: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: "variable";
      readonly name: IntVariable;
      readonly unsigned: boolean;
      readonly span: Span;
    }
  /** Number in presented parameter `index` (1-based), extended from its own width and sign. */
  | {
      readonly kind: "param";
      readonly index: number;
      readonly unsigned: boolean;
      readonly span: Span;
    }
  /** Numeric struct field that parameter `index` points to. */
  | {
      readonly kind: "field";
      readonly index: number;
      readonly field: string;
      readonly unsigned: boolean;
      readonly span: Span;
    }
  /** Number of the open file that the descriptor in parameter `index` stands for. */
  | {
      readonly kind: "fdNumber";
      readonly index: number;
      readonly member: DescriptorNumber;
      readonly unsigned: false;
      readonly span: Span;
    }
  | {
      readonly kind: "negate" | "complement";
      readonly operand: IntExpr;
      readonly unsigned: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: "arithmetic";
      readonly op: "+" | "-" | "*" | "/" | "%" | "<<" | ">>" | "&" | "|" | "^";
      readonly left: IntExpr;
      readonly right: IntExpr;
      readonly unsigned: boolean;
      readonly span: Span;
    }
  /** A condition used as a number: 0 or 1 (unreadable makes the atom around it unreadable). */
  | {
      readonly kind: "boolean";
      readonly operand: BoolExpr;
      readonly unsigned: false;
      readonly span: Span;
    };

export type StringExpr =
  | { readonly kind: "stringParam"; readonly index: number; readonly span: Span }
  | { readonly kind: "bufferParam"; readonly index: number; readonly span: Span }
  | {
      readonly kind: "stringField";
      readonly index: number;
      readonly field: string;
      readonly span: Span;
    }
  | { readonly kind: "stringVariable"; readonly name: StringVariable; readonly span: Span }
  /** Resolved file of parameter `index`; 0: the first path parameter. */
  | { readonly kind: "pathOf"; readonly index: number; readonly span: Span }
  /** Text of the open file that the descriptor in parameter `index` stands for. */
  | {
      readonly kind: "fdText";
      readonly index: number;
      readonly member: DescriptorText;
      readonly span: Span;
    }
  | { readonly kind: "argv"; readonly index?: number; readonly span: Span }
  | { readonly kind: "envp"; readonly name: string; readonly span: Span };

export type CompareOp = "==" | "!=" | "<" | "<=" | ">" | ">=";
/** Each tests a string against a constant pattern. `=~` is a regular expression, `matches` a glob. */
export type StringOp =
  | CompareOp
  | "startswith"
  | "endswith"
  | "contains"
  | "icontains"
  | "matches"
  | "=~"
  | "!~";

/** Atoms and connectives. */
export type BoolExpr =
  /** `absent`: false, since the member of a class that it is for has nothing of what is asked. */
  | {
      readonly kind: "constant";
      readonly value: boolean;
      readonly absent?: true;
      readonly span: Span;
    }
  | { readonly kind: "not"; readonly operand: BoolExpr; readonly span: Span }
  | {
      readonly kind: "and" | "or";
      readonly left: BoolExpr;
      readonly right: BoolExpr;
      readonly span: Span;
    }
  /** number != 0 */
  | { readonly kind: "truth"; readonly operand: IntExpr; readonly span: Span }
  /** Both sides are compared as unsigned 64-bit if `unsigned`, else as signed. */
  | {
      readonly kind: "compare";
      readonly op: CompareOp;
      readonly left: IntExpr;
      readonly right: IntExpr;
      readonly unsigned: boolean;
      readonly span: Span;
    }
  /** Operand lies in one of the closed ranges, compared signed or unsigned. */
  | {
      readonly kind: "inRanges";
      readonly operand: IntExpr;
      readonly ranges: readonly { readonly low: bigint; readonly high: bigint }[];
      readonly unsigned: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: "stringTest";
      readonly op: StringOp;
      readonly subject: StringExpr;
      readonly pattern: Uint8Array;
      readonly span: Span;
    }
  /** Subject equals one of the values, bytewise. */
  | {
      readonly kind: "stringIn";
      readonly subject: StringExpr;
      readonly values: readonly Uint8Array[];
      readonly span: Span;
    }
  /** Two strings that are both not constant. */
  | {
      readonly kind: "stringCompare";
      readonly op: CompareOp;
      readonly left: StringExpr;
      readonly right: StringExpr;
      readonly span: Span;
    }
  /** The address field of a sockaddr lies in a network. */
  | {
      readonly kind: "inNetwork";
      readonly index: number;
      readonly field: string;
      readonly address: Uint8Array;
      readonly prefixBits: number;
      readonly span: Span;
    }
  /** The address of the peer of the socket in parameter `index` lies in a network. */
  | {
      readonly kind: "fdInNetwork";
      readonly index: number;
      readonly address: Uint8Array;
      readonly prefixBits: number;
      readonly span: Span;
    }
  | { readonly kind: "descendsFrom"; readonly ancestor: string | number; readonly span: Span };

/** Any node of a checked expression. */
export type Node = BoolExpr | IntExpr | StringExpr;
