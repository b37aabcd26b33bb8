/**
 * What the checker hands on: names resolved, defines and lists expanded, types known.
 * The evaluator gives it its meaning, the compiler its bytecode; both must agree on all of it.
 *
 * Truth is three-valued (Kleene): false < unreadable < true; && is min, || is max, ! swaps.
 * An atom (comparison, string test, truth of a number) is `unreadable` when memory that it needs cannot be
 * read or a string in it is longer than MAX_STRING; it is *false* when it divides by zero or uses an absent
 * parameter or a string parameter that is a NULL pointer.
 */
import type { Span } from "../base/span.ts";
import type { Presentation } from "./vocabulary.ts";

/** Longest string, in bytes without the NUL, that engines read whole; longer ones are `truncated`. */
export const MAX_STRING = 4096;

export type IntVariable =
  | "PID"
  | "TID"
  | "PPID"
  | "UID"
  | "EUID"
  | "SUID"
  | "FSUID"
  | "GID"
  | "EGID"
  | "SGID"
  | "FSGID"
  | "LOGINUID"
  | "SESSIONID"
  | "CAPS"
  | "CGROUP"
  | "PIDNS"
  | "MNTNS"
  | "NSPID"
  | "RETVAL"
  | "SYSCALL";

export type StringVariable = "COMM" | "PCOMM" | "EXE" | "CWD" | "SNAME" | "ABI" | "CONTAINER";

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
  | { readonly kind: "descendsFrom"; readonly ancestor: string | number; readonly span: Span };

/**
 * Part of a log_format. `index` is the n of %param2, %path1, %argv0; `field` what stood behind its point in
 * %param2.sin_port; `argument` what stood in %time{…}.
 */
export type FormatPiece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "macro";
      readonly name: string;
      readonly index?: number;
      readonly field?: string;
      readonly argument?: string;
      readonly span: Span;
    };

export type CheckedAction =
  | { readonly type: "LOG"; readonly format?: readonly FormatPiece[]; readonly span: Span }
  /** errno 1..4095, positive. */
  | { readonly type: "FAIL"; readonly errno: number; readonly span: Span }
  | { readonly type: "KILL"; readonly span: Span }
  | { readonly type: "SUSPEND"; readonly timeoutNs?: bigint; readonly span: Span }
  | {
      readonly type: "REWRITE";
      readonly assignments: readonly RewriteAssignment[];
      readonly span: Span;
    };

export type RewriteAssignment = {
  readonly target:
    | { readonly kind: "param"; readonly index: number }
    | { readonly kind: "field"; readonly index: number; readonly field: string }
    | { readonly kind: "retval" };
  readonly value:
    | { readonly kind: "int"; readonly value: IntExpr }
    | { readonly kind: "string"; readonly value: Uint8Array }
    | { readonly kind: "stringExpr"; readonly value: StringExpr };
  readonly span: Span;
};

/** At most `count` reports in each `periodNs`, for each value of the key. */
export interface Limit {
  readonly count: number;
  readonly periodNs: bigint;
  readonly per?: IntVariable | StringVariable;
  readonly span: Span;
}

/** One name of syscall_name with the filter as typed for it. */
export interface Target {
  readonly name: string;
  /** Absent: every call matches. */
  readonly filter?: BoolExpr;
  /** Never empty. A call that several targets of a rule present belongs to the target named exactly like it, else to the first. */
  readonly presentations: readonly Presentation[];
  /** Named by a class: engines may leave it out where they cannot decide on it, and say so. */
  readonly fromClass?: true;
  readonly span: Span;
}

export interface CheckedRule {
  /** Given name, or `file:line`. Unique in a set. */
  readonly name: string;
  readonly description?: string;
  /** 0 emerg .. 7 debug. */
  readonly priority?: number;
  readonly tags: readonly string[];
  readonly when: "before" | "after";
  readonly targets: readonly Target[];
  /** Members of the rule's classes that have nothing of what its filter looks at. */
  readonly leftOut?: readonly string[];
  readonly actions: readonly CheckedAction[];
  readonly limit?: Limit;
  readonly continue: boolean;
  /** What an unreadable filter counts as. */
  readonly onUnreadable: "match" | "skip";
  readonly span: Span;
}

export interface CheckedTest {
  readonly title: string;
  readonly call: {
    readonly name: string;
    readonly args: readonly (bigint | Uint8Array | null)[];
    readonly variables: ReadonlyMap<string, bigint | Uint8Array>;
    readonly retval?: bigint;
  };
  readonly expect: readonly TestExpectation[];
  readonly span: Span;
}

export type TestExpectation =
  | { readonly kind: "nothing"; readonly span: Span }
  | {
      readonly kind: "action";
      readonly type: CheckedAction["type"];
      readonly errno?: number;
      readonly text?: string;
      readonly by?: string;
      readonly span: Span;
    };

/** Whether a rule has lines; others have events all the same. */
export function logs({ actions }: Pick<CheckedRule, "actions">): boolean {
  return actions.some(({ type }) => type === "LOG");
}

export interface CheckedRuleSet {
  readonly rules: readonly CheckedRule[];
  readonly tests: readonly CheckedTest[];
}
