/** What the parts of the checker share. */
import type { Span } from "../../base/span.ts";
import type { Diagnostics } from "../report.ts";
import type { AccountNames, Presentation, Vocabulary } from "../vocabulary.ts";
import type { ConstantSet } from "./constant-set.ts";
import type { Names } from "./names.ts";

/** Most nodes that defines and lists of one run may grow to. */
export const MAX_NODES = 2_000_000;

export interface RuleProgram {
  readonly vocabulary: Vocabulary;
  readonly accounts: AccountNames | undefined;
  readonly names: Names;
  readonly report: Diagnostics;
  /** Resolved lists; `undefined` while one is being resolved. */
  readonly lists: Map<string, ConstantSet | undefined>;
  /** Patterns that were compiled. */
  readonly regexes: WeakSet<Uint8Array>;
  /** How deep lists are nested in each other at the moment. */
  listDepth: number;
  /** Nodes that may still be made from defines and lists, so that a small file cannot make a huge one. */
  budget: number;
}

/** The call that an expression is typed for. Absent for constants. */
export interface Scope {
  readonly when: "before" | "after";
  readonly name: string;
  readonly prototype: Presentation;
  /** The rule names a class that this call belongs to: what it lacks is false, not an error. */
  readonly fromClass: boolean;
  /** All calls that the rule names. */
  readonly siblings?: readonly Presentation[];
}

/** A define that is being expanded. */
export interface Expansion {
  readonly name: string;
  readonly span: Span;
  readonly outer?: Expansion | undefined;
}
