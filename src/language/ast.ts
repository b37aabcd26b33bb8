/**
 * The rule text as a tree: what was written, nothing resolved. Entries keep the order in which they stand.
 * Printing a tree and parsing the text again gives an equal tree, spans aside.
 */
import type { SourceFile, Span } from "../base/span.ts";
import type { PolicyPart, PolicyRight } from "./checked/policy.ts";

/** One file with its items; included files are trees of their own. */
export interface Tree {
  readonly file: SourceFile;
  readonly items: readonly Item[];
}

export type Item = RuleItem | DefineItem | ListItem | IncludeItem | TestItem | PolicyItem;

/** A free name or word: rule names, calls, tags, keywords as values. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

export interface RuleItem {
  readonly kind: "rule";
  readonly entries: readonly RuleEntry[];
  /** Has a syntax error: what is missing in it is not reported again. */
  readonly broken?: true;
  /** Made from a policy, not written. */
  readonly policy?: PolicyPart;
  readonly span: Span;
}

export interface DefineItem {
  readonly kind: "define";
  readonly name: Name;
  readonly value: Expr;
  readonly span: Span;
}

export interface ListItem {
  readonly kind: "list";
  readonly name: Name;
  readonly values: readonly SetItem[];
  readonly span: Span;
}

export interface IncludeItem {
  readonly kind: "include";
  readonly path: StringLiteral;
  readonly span: Span;
}

export interface TestItem {
  readonly kind: "test";
  readonly title: StringLiteral;
  readonly entries: readonly TestEntry[];
  readonly broken?: true;
  readonly span: Span;
}

/** What a command may do; its rules follow from it. */
export interface PolicyItem {
  readonly kind: "policy";
  readonly name: Name;
  readonly entries: readonly PolicyEntry[];
  readonly broken?: true;
  readonly span: Span;
}

export type PolicyEntry =
  | { readonly kind: PolicyRight; readonly items: readonly PolicyMember[]; readonly span: Span }
  | { readonly kind: "otherwise"; readonly what: Name; readonly errno?: Expr; readonly span: Span };

/** `not` takes away what members before it have allowed. */
export interface PolicyMember {
  readonly negated: boolean;
  /** String, network, or the name of a list. */
  readonly value: Expr;
  readonly span: Span;
}

/** Entries of a rule whose value is one word. */
export type WordEntryKind =
  | "rule_name"
  | "priority"
  | "syscall_match"
  | "when"
  | "continue"
  | "on_unreadable";

export type RuleEntry =
  | { readonly kind: WordEntryKind; readonly value: Name; readonly span: Span }
  | { readonly kind: "description"; readonly value: StringLiteral; readonly span: Span }
  | {
      readonly kind: "tags" | "syscall_name";
      readonly values: readonly Name[];
      readonly span: Span;
    }
  | { readonly kind: "filter_expression"; readonly value: Expr; readonly span: Span }
  | {
      readonly kind: "limit" | "threshold";
      readonly count: NumberLiteral;
      /** Unit with an optional number before it: `s`, `10s`, `min`. */
      readonly period: Name;
      readonly per?: Name;
      readonly span: Span;
    }
  /** `3`, `3+`, `3..6`, `3+2`. */
  | {
      readonly kind: "occurrence";
      readonly first: NumberLiteral;
      /** Behind `first`: an end of the range, or a step; `+` alone: without end. */
      readonly more?:
        | { readonly kind: "last" | "step"; readonly value: NumberLiteral }
        | { readonly kind: "open" };
      readonly per?: Name;
      readonly span: Span;
    }
  /** Percent as written: `10`, `0.5`. */
  | { readonly kind: "chance"; readonly percent: Name; readonly span: Span }
  | ActionItem;

/** The entry of one kind; an intersection, as some kinds share a shape. */
export type EntryOf<K extends RuleEntry["kind"]> = RuleEntry & { readonly kind: K };

export interface ActionItem {
  readonly kind: "action";
  readonly entries: readonly ActionEntry[];
  readonly broken?: true;
  readonly span: Span;
}

export type ActionEntry =
  | { readonly kind: "type" | "timeout"; readonly value: Name; readonly span: Span }
  | { readonly kind: "error_code"; readonly value: Expr; readonly span: Span }
  /** `text` as it counts (trimmed, line breaks folded); `raw` is where it stood. */
  | { readonly kind: "log_format"; readonly text: string; readonly raw: Span; readonly span: Span }
  | { readonly kind: "rewrite"; readonly assignments: readonly Assignment[]; readonly span: Span }
  /** Of COUNT: what calls are counted by, what is summed up, of what there is a histogram. */
  | { readonly kind: CountEntryKind; readonly values: readonly Expr[]; readonly span: Span };

export type CountEntryKind = "by" | "sum" | "hist";

export interface Assignment {
  readonly target: Expr;
  readonly value: Expr;
  readonly span: Span;
}

export type TestEntry =
  | {
      readonly kind: "call";
      readonly name: Name;
      readonly args: readonly Expr[];
      readonly variables: readonly Assignment[];
      readonly returns?: Expr;
      readonly span: Span;
    }
  | {
      readonly kind: "expect";
      /** `nothing` or an action type. */
      readonly what: Name;
      readonly errno?: Expr;
      readonly text?: StringLiteral;
      readonly by?: Name;
      readonly span: Span;
    };

export interface NumberLiteral {
  readonly kind: "number";
  /** As written: `0644`, `4K`, `'a'`. */
  readonly text: string;
  readonly value: bigint;
  readonly span: Span;
}

export interface StringLiteral {
  readonly kind: "string";
  readonly value: Uint8Array;
  /** Members of lists: escapes that only a pattern may have. What uses the list says whether they are right. */
  readonly patternEscapes?: readonly { readonly text: string; readonly span: Span }[];
  readonly span: Span;
}

export type BinaryOp =
  | "|"
  | "^"
  | "&"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "=~"
  | "!~"
  | "matches"
  | "startswith"
  | "endswith"
  | "contains"
  | "icontains"
  | "<<"
  | ">>"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

export type Expr =
  | NumberLiteral
  | StringLiteral
  /** IPv4 or IPv6 address with an optional prefix length. */
  | { readonly kind: "network"; readonly text: string; readonly span: Span }
  /** Variable, named constant, define or list. */
  | { readonly kind: "name"; readonly name: string; readonly span: Span }
  | { readonly kind: "index"; readonly name: string; readonly index: Expr; readonly span: Span }
  /** `path` may be dotted: `msg_name.sin_port`. */
  | { readonly kind: "field"; readonly base: Expr; readonly path: string; readonly span: Span }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly Expr[];
      readonly span: Span;
    }
  | {
      readonly kind: "unary";
      readonly op: "!" | "-" | "~";
      readonly operand: Expr;
      readonly span: Span;
    }
  | {
      readonly kind: "binary";
      readonly op: BinaryOp;
      readonly left: Expr;
      readonly right: Expr;
      readonly span: Span;
    }
  /** `a || b || c` is one node, so that long chains are not deep. */
  | {
      readonly kind: "logical";
      readonly op: "||" | "&&";
      readonly operands: readonly Expr[];
      readonly span: Span;
    }
  | {
      readonly kind: "in";
      readonly negated: boolean;
      readonly operand: Expr;
      readonly set: readonly SetItem[];
      readonly span: Span;
    }
  /** `("a", "b")` on the right of an operator that takes a list. */
  | { readonly kind: "set"; readonly items: readonly SetItem[]; readonly span: Span }
  /** Stands where an operand could not be parsed. */
  | { readonly kind: "error"; readonly span: Span };

export type SetItem =
  | { readonly kind: "value"; readonly value: Expr; readonly span: Span }
  | { readonly kind: "range"; readonly low: Expr; readonly high: Expr; readonly span: Span };
