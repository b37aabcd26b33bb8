/** Rules and tests that were checked: what the language gives to engines. */
import type { Span } from "../../base/span.ts";
import type { Presentation } from "../vocabulary.ts";
import type { BoolExpr, IntExpr, IntVariable, StringExpr, StringVariable } from "./expression.ts";
import type { PolicyPart } from "./policy.ts";

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
    }
  /** No events: calls are counted where they are made. */
  | {
      readonly type: "COUNT";
      /** In the order of `Target.counted.by`. */
      readonly by: readonly CountKey[];
      /** In the order of `Target.counted.measures`. */
      readonly measures: readonly CountMeasure[];
      readonly span: Span;
    };

/** What calls are counted by, as the heading of a column. */
export interface CountKey {
  readonly title: string;
  /** A name is a text of at most 15 bytes; what is of the site is the same for all calls of one presentation. */
  readonly is: "int" | "text" | "name" | "site" | "address";
  /** Of numbers: their 64 bits are read without sign. */
  readonly unsigned: boolean;
}

/** A number of each call that is summed up, or sorted into a histogram by powers of two. */
export interface CountMeasure {
  readonly kind: "sum" | "hist";
  readonly title: string;
  readonly unsigned: boolean;
}

/** An operand of COUNT as typed for one call; absent: this member of a class has no such thing. */
export type Counted =
  | { readonly is: "int"; readonly value: IntExpr }
  | { readonly is: "text"; readonly value: StringExpr }
  | { readonly is: "address"; readonly value: AddressOf & { readonly span: Span } }
  | { readonly is: "absent" };

/** Where a network address is: in a socket address that a parameter leads to, or that of the peer of a socket. */
export type AddressOf =
  | { readonly kind: "inNetwork"; readonly index: number; readonly field: string }
  | { readonly kind: "fdInNetwork"; readonly index: number };

export interface CountedValues {
  readonly by: readonly Counted[];
  readonly measures: readonly Exclude<Counted, { is: "text" | "address" }>[];
}

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

/** The calls that match, counted from 1, for each value of the key. */
export interface Occurrence {
  readonly first: number;
  /** Absent: without end. */
  readonly last?: number;
  /** 1: each of them. */
  readonly step: number;
  readonly per?: IntVariable | StringVariable;
  readonly span: Span;
}

/** Which of the calls that pass a filter a rule takes for its own; those that pass all of these. */
export interface Frequency {
  readonly occurrence?: Occurrence;
  /** From the count-th call in the period on. */
  readonly threshold?: Limit;
  /** Probability, more than 0 and at most 1. */
  readonly chance?: number;
  /** Of the first of these entries. */
  readonly span: Span;
}

/** One name of syscall_name with the filter as typed for it. */
export interface Target {
  readonly name: string;
  /** Absent: every call matches. */
  readonly filter?: BoolExpr;
  /** Never empty. A call that several targets of a rule present belongs to the target named exactly like it, else to the first. */
  readonly presentations: readonly Presentation[];
  /** Of rules that count. */
  readonly counted?: CountedValues;
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
  /** Absent: each call that matches. */
  readonly frequency?: Frequency;
  readonly continue: boolean;
  /** What an unreadable filter counts as. */
  readonly onUnreadable: "match" | "skip";
  /** The rule is a part of what a policy means. */
  readonly policy?: PolicyPart;
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

/** Whether a call that matches makes an event: a rule that only counts has none. */
export function makesEvents({ actions }: Pick<CheckedRule, "actions">): boolean {
  return actions.length === 0 || actions.some(({ type }) => type !== "COUNT");
}

export type CountAction = Extract<CheckedAction, { type: "COUNT" }>;

export function countOf({ actions }: Pick<CheckedRule, "actions">): CountAction | undefined {
  return actions.find((action) => action.type === "COUNT");
}

export interface CheckedRuleSet {
  readonly rules: readonly CheckedRule[];
  readonly tests: readonly CheckedTest[];
}
