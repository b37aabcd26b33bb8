/** What a filter looks at: found by one visit, and kept with the filter. */
import type { Span } from "../../base/span.ts";
import type { DescriptorMember } from "../../variables/index.ts";
import { type FileTest, isFileTest } from "../file-tests.ts";
import type { BoolExpr, IntVariable, Node, StringVariable } from "./expression.ts";
import { visit } from "./visit.ts";

export interface Facts {
  /** Parameters that are looked at as numbers, by index from 1. */
  readonly numbers: ReadonlySet<number>;
  /** Parameters whose text is looked at, by index from 1. */
  readonly texts: ReadonlySet<number>;
  /** Buffers whose bytes are looked at, by index from 1. */
  readonly buffers: ReadonlySet<number>;
  /** ARGV, ARGV[n] and ENVP["NAME"], wherever they stand. */
  readonly lists: readonly ListText[];
  /** Indexes of PATH[n]; 0 is PATH alone. */
  readonly paths: ReadonlySet<number>;
  /** Where they stand. */
  readonly pathSpans: readonly Span[];
  readonly variables: ReadonlySet<IntVariable | StringVariable>;
  /** Members of open files that are looked at, wherever they stand. */
  readonly descriptors: readonly DescriptorRead[];
  /** Members of structs that are looked at, each once. */
  readonly members: readonly Member[];
  /** Names and numbers that descends_from asks for. */
  readonly ancestors: ReadonlySet<string | number>;
  readonly kinds: ReadonlySet<Node["kind"]>;
  /** Tests of text that names files, each node once, from left to right. */
  readonly fileTests: readonly FileTest[];
}

/** PARAMS[n].field */
export type Member = Extract<Node, { kind: "field" | "stringField" | "inNetwork" }>;
/** FD[n].member */
export interface DescriptorRead {
  readonly index: number;
  readonly member: DescriptorMember;
}
export type ListText = Extract<Node, { kind: "argv" | "envp" }>;

const known = new WeakMap<BoolExpr, Facts>();
/** Of the sets of most filters, and there are many filters. */
const NO_SET: ReadonlySet<never> = new Set<never>();
const NO_LIST: readonly never[] = [];
/** More than this are not kept for others. */
const MOST_SHARED = 1024;
const sharedFacts = new Map<string, Facts>();
const NONE = collect(undefined);

/** Of a target without filter: nothing. */
export function factsOf(filter: BoolExpr | undefined): Facts {
  if (filter === undefined) return NONE;
  let facts = known.get(filter);
  if (facts === undefined) {
    facts = collect(filter);
    known.set(filter, facts);
  }
  return facts;
}

function collect(filter: BoolExpr | undefined): Facts {
  const numbers = new Set<number>();
  const texts = new Set<number>();
  const buffers = new Set<number>();
  const lists: ListText[] = [];
  const descriptors: DescriptorRead[] = [];
  const paths = new Set<number>();
  const pathSpans: Span[] = [];
  const variables = new Set<IntVariable | StringVariable>();
  const ancestors = new Set<string | number>();
  const kinds = new Set<Node["kind"]>();
  const fileTests = new Set<FileTest>();
  const members = new Map<string, Member>();
  const look = (node: Node): void => {
    kinds.add(node.kind);
    if (node.kind === "param") numbers.add(node.index);
    else if (node.kind === "stringParam") texts.add(node.index);
    else if (node.kind === "bufferParam") buffers.add(node.index);
    else if (node.kind === "argv" || node.kind === "envp") lists.push(node);
    else if (node.kind === "variable" || node.kind === "stringVariable") variables.add(node.name);
    else if (node.kind === "fdInNetwork") descriptors.push({ index: node.index, member: "addr" });
    else if (node.kind === "fdNumber" || node.kind === "fdText") descriptors.push(node);
    else if (node.kind === "descendsFrom") ancestors.add(node.ancestor);
    else if (isMember(node)) {
      const key = `${node.kind} ${node.index} ${node.field}`;
      if (!members.has(key)) members.set(key, node);
    } else if (node.kind === "pathOf") {
      paths.add(node.index);
      pathSpans.push(node.span);
    } else if ((node.kind === "stringTest" || node.kind === "stringIn") && isFileTest(node))
      fileTests.add(node);
  };
  if (filter !== undefined) visit(filter, look);
  return shared({
    numbers: setOf(numbers),
    texts: setOf(texts),
    buffers: setOf(buffers),
    lists: listOf(lists),
    paths: setOf(paths),
    pathSpans: listOf(pathSpans),
    variables: setOf(variables),
    descriptors: listOf(descriptors),
    members: listOf([...members.values()]),
    ancestors: setOf(ancestors),
    kinds: setOf(kinds),
    fileTests: listOf([...fileTests]),
  });
}

/** Thousands of filters look at the same: unless the facts name their own nodes, one object stands for all. */
function shared(facts: Facts): Facts {
  const { numbers, texts, buffers, paths, variables, kinds } = facts;
  const { lists, pathSpans, descriptors, members, ancestors, fileTests } = facts;
  const own = [lists, pathSpans, descriptors, members, fileTests];
  if (ancestors.size > 0 || own.some((nodes) => nodes.length > 0)) return facts;
  const key = [numbers, texts, buffers, paths, variables, kinds]
    .map((set) => [...set].join())
    .join(";");
  const known = sharedFacts.get(key);
  if (known !== undefined) return known;
  if (sharedFacts.size >= MOST_SHARED) return facts;
  sharedFacts.set(key, facts);
  return facts;
}

function setOf<T>(found: ReadonlySet<T>): ReadonlySet<T> {
  return found.size === 0 ? NO_SET : found;
}

function listOf<T>(found: readonly T[]): readonly T[] {
  return found.length === 0 ? NO_LIST : found;
}

function isMember(node: Node): node is Member {
  return node.kind === "field" || node.kind === "stringField" || node.kind === "inNetwork";
}
