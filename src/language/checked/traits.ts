/**
 * What each kind of node is like, as data: explanations, races, needs, support and warnings read it here and keep no
 * list of their own. A kind that is missing does not compile.
 */
import type { Node, StringOp } from "./expression.ts";

/** Where the value of a node lies while the rule decides. */
export type Place =
  /** In the rule itself, or made of the operands. */
  | "none"
  /** In memory of the caller: another thread, or a process that shares the page, can change it. */
  | "memory"
  /** In the names of files: somebody can exchange a directory or a link on the way. */
  | "files"
  /** In the table of open files: another thread can put another file in the place of a descriptor. */
  | "descriptors"
  /** Where the presentation of the call has the parameter: a register, memory, a descriptor. */
  | "parameter"
  /** Where the variable lies, see src/variables. */
  | "variable"
  /** In the kernel's own records of processes. */
  | "kernel";

export interface NodeTraits {
  readonly reads: Place;
  /** Known when the call returns, since it was read when the call was made, or does not change. */
  readonly kept: boolean;
}

const plain = { reads: "none", kept: true } as const;

export const NODE_TRAITS = {
  constant: plain,
  not: plain,
  and: plain,
  or: plain,
  truth: plain,
  compare: plain,
  inRanges: plain,
  stringTest: plain,
  stringIn: plain,
  stringCompare: plain,
  inNetwork: { reads: "memory", kept: false },
  fdInNetwork: { reads: "descriptors", kept: false },
  fdNumber: { reads: "descriptors", kept: false },
  fdText: { reads: "descriptors", kept: false },
  descendsFrom: { reads: "kernel", kept: false },
  int: plain,
  variable: { reads: "variable", kept: true },
  param: { reads: "parameter", kept: true },
  field: { reads: "memory", kept: false },
  negate: plain,
  complement: plain,
  arithmetic: plain,
  boolean: plain,
  stringParam: { reads: "memory", kept: true },
  bufferParam: { reads: "memory", kept: false },
  stringField: { reads: "memory", kept: false },
  stringVariable: { reads: "variable", kept: true },
  pathOf: { reads: "files", kept: false },
  argv: { reads: "memory", kept: false },
  envp: { reads: "memory", kept: false },
} as const satisfies Readonly<Record<Node["kind"], NodeTraits>>;

export interface OperatorTraits {
  /** What stands on its right. */
  readonly takes: "text" | "glob" | "regex";
  /** The text is compared in place, a word at a time; other tests follow it byte by byte. */
  readonly inPlace: boolean;
}

const ordered = { takes: "text", inPlace: false } as const;

export const OPERATOR_TRAITS: Readonly<Record<StringOp, OperatorTraits>> = {
  "==": { takes: "text", inPlace: true },
  "!=": { takes: "text", inPlace: true },
  "<": ordered,
  "<=": ordered,
  ">": ordered,
  ">=": ordered,
  startswith: { takes: "text", inPlace: true },
  endswith: ordered,
  contains: ordered,
  icontains: ordered,
  matches: { takes: "glob", inPlace: false },
  "=~": { takes: "regex", inPlace: false },
  "!~": { takes: "regex", inPlace: false },
};
