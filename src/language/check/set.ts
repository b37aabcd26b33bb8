/** Constant sets: what may stand after `in`, and the bodies of lists. */
import type { Span } from "../../base/span.ts";
import type { SetItem, StringLiteral } from "../ast.ts";
import { latin1 } from "../latin1.ts";
import type { Network } from "../literals.ts";
import type { Program } from "./context.ts";
import { ExpressionChecker } from "./expression.ts";
import { describeValue } from "./value.ts";

export interface ConstantRange {
  readonly low: bigint;
  readonly high: bigint;
  readonly span: Span;
}

export interface ConstantText {
  readonly bytes: Uint8Array;
  /** Escapes that only a pattern may have. */
  readonly escapes: NonNullable<StringLiteral["patternEscapes"]>;
  readonly span: Span;
}

/** Members by type; a set may hold several types, but an operand looks for one. */
export interface ConstantSet {
  readonly ranges: Map<string, ConstantRange>;
  readonly texts: Map<string, ConstantText>;
  /** An item is missing because of an error: nothing can be concluded from the set. */
  broken: boolean;
  readonly networks: Map<string, { readonly network: Network; readonly span: Span }>;
}

function emptySet(): ConstantSet {
  return { ranges: new Map(), texts: new Map(), networks: new Map(), broken: false };
}

/** Resolves the items of a set. Errors are reported and the item left out. */
export function resolveSet(program: Program, items: readonly SetItem[]): ConstantSet {
  const [only] = items;
  // `in LIST`, the common case, shares the resolved list.
  if (items.length === 1 && only?.kind === "value" && only.value.kind === "name") {
    if (program.names.lists.has(only.value.name))
      return resolveList(program, only.value.name, only.span);
  }
  const set = emptySet();
  // The parser has reported an empty set.
  set.broken = items.length === 0;
  for (const item of items) addItem(program, set, item);
  return set;
}

/** Resolves a named list, once. */
function resolveList(program: Program, name: string, span: Span): ConstantSet {
  const { lists, names, report } = program;
  if (lists.has(name)) {
    const known = lists.get(name);
    if (!known) report.add("recursive_name", span, [name]);
    return known ?? { ...emptySet(), broken: true };
  }
  if (program.listDepth >= MAX_LIST_DEPTH) {
    report.add("too_deep", span, [MAX_LIST_DEPTH]);
    return { ...emptySet(), broken: true };
  }
  lists.set(name, undefined);
  const set = emptySet();
  program.listDepth++;
  const items = names.lists.get(name)?.values ?? [];
  set.broken = items.length === 0;
  for (const item of items) addItem(program, set, item);
  program.listDepth--;
  lists.set(name, set);
  return set;
}

function addItem(program: Program, set: ConstantSet, item: SetItem): void {
  if (--program.budget < 0) {
    program.report.add("rules_too_large", item.span, [MAX_NODES]);
    return;
  }
  const constants = new ExpressionChecker(program);
  if (item.kind === "range") {
    const low = constants.integer(item.low);
    const high = constants.integer(item.high);
    if (low === undefined || high === undefined) set.broken = true;
    else if (low > high) {
      set.broken = true;
      program.report.add("bad_range", item.span, []);
    } else addRange(set, { low, high, span: item.span });
    return;
  }
  if (item.value.kind === "name" && program.names.lists.has(item.value.name)) {
    merge(program, set, resolveList(program, item.value.name, item.span), item.span);
    return;
  }
  const value = constants.value(item.value);
  const { span } = item;
  if (value.is === "int" && value.expr.kind === "int") {
    addRange(set, { low: value.expr.value, high: value.expr.value, span });
  } else if (value.is === "text") {
    const escapes = item.value.kind === "string" ? (item.value.patternEscapes ?? []) : [];
    set.texts.set(latin1(value.bytes), { bytes: value.bytes, escapes, span });
  } else if (value.is === "network")
    set.networks.set(networkKey(value.network), { network: value.network, span });
  else {
    set.broken = true;
    if (value.is === "error") return;
    program.report.add("not_constant", span, [describeValue(value, true)]);
  }
}

const MAX_LIST_DEPTH = 100;

/** Most nodes that defines and lists of one run may grow to. */
export const MAX_NODES = 2_000_000;

function merge(program: Program, set: ConstantSet, other: ConstantSet, span: Span): void {
  program.budget -= other.ranges.size + other.texts.size + other.networks.size;
  if (program.budget < 0) {
    program.report.add("rules_too_large", span, [MAX_NODES]);
    return;
  }
  set.broken ||= other.broken;
  for (const [key, range] of other.ranges) set.ranges.set(key, range);
  for (const [key, text] of other.texts) set.texts.set(key, text);
  for (const [key, network] of other.networks) set.networks.set(key, network);
}

/** A member that is there already counts once: lists that hold each other twice stay as small as they are. */
function addRange(set: ConstantSet, range: ConstantRange): void {
  set.ranges.set(`${range.low}..${range.high}`, range);
}

function networkKey({ address, prefixBits }: Network): string {
  return `${latin1(address)}/${prefixBits}`;
}
