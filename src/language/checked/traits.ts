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
  /** Where the presentation of the call has the parameter: a register, memory, a descriptor. */
  | "parameter"
  /** Where the variable lies, see src/variables. */
  | "variable"
  /** In the kernel's own records of processes. */
  | "kernel";

export interface NodeTraits {
  readonly reads: Place;
  /** Engines that can evaluate it. */
  readonly engines: "all" | "supervised";
  /** Known when the call returns, since it was read when the call was made, or does not change. */
  readonly kept: boolean;
}

const plain = { reads: "none", engines: "all", kept: true } as const;

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
  inNetwork: { reads: "memory", engines: "all", kept: false },
  descendsFrom: { reads: "kernel", engines: "supervised", kept: false },
  int: plain,
  variable: { reads: "variable", engines: "all", kept: true },
  param: { reads: "parameter", engines: "all", kept: true },
  field: { reads: "memory", engines: "all", kept: false },
  negate: plain,
  complement: plain,
  arithmetic: plain,
  boolean: plain,
  stringParam: { reads: "memory", engines: "all", kept: true },
  bufferParam: { reads: "memory", engines: "all", kept: false },
  stringField: { reads: "memory", engines: "all", kept: false },
  stringVariable: { reads: "variable", engines: "all", kept: true },
  pathOf: { reads: "files", engines: "all", kept: false },
  argv: { reads: "memory", engines: "all", kept: false },
  envp: { reads: "memory", engines: "all", kept: false },
} as const satisfies Readonly<Record<Node["kind"], NodeTraits>>;

type Traits = typeof NODE_TRAITS;

/** Nodes that the supervised engine alone can evaluate. */
export type OnlySupervised = Extract<
  Node,
  { kind: { [K in keyof Traits]: Traits[K]["engines"] extends "all" ? never : K }[keyof Traits] }
>;

export function isOnlySupervised(node: Node): node is OnlySupervised {
  return NODE_TRAITS[node.kind].engines === "supervised";
}

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
