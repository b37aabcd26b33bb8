/** Constant sets: what may stand after `in`, and the bodies of lists. */
import type { Span } from "../../base/span.ts";
import type { SetItem } from "../ast.ts";
import type { Network } from "../parse/literals.ts";
import { latin1 } from "../strings/latin1.ts";
import type { Checker } from "./checker.ts";
import type { ConstantRange, ConstantSet } from "./constant-set.ts";
import { MAX_NODES, type RuleProgram } from "./context.ts";
import { describeValue } from "./value.ts";

function emptySet(): ConstantSet {
  return { ranges: new Map(), texts: new Map(), networks: new Map(), broken: false };
}

/** Resolves the items of a set, which `checker` types. Errors are reported and the item left out. */
export function resolveSet(checker: Checker, items: readonly SetItem[]): ConstantSet {
  const { program } = checker;
  const [only] = items;
  // `in LIST`, the common case, shares the resolved list.
  if (items.length === 1 && only?.kind === "value" && only.value.kind === "name") {
    if (program.names.lists.has(only.value.name))
      return resolveList(checker, only.value.name, only.span);
  }
  const set = emptySet();
  // The parser has reported an empty set.
  set.broken = items.length === 0;
  for (const item of items) addItem(checker, set, item);
  return set;
}

/** Resolves a named list, once. */
function resolveList(checker: Checker, name: string, span: Span): ConstantSet {
  const { program } = checker;
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
  for (const item of items) addItem(checker, set, item);
  program.listDepth--;
  lists.set(name, set);
  return set;
}

function addItem(checker: Checker, set: ConstantSet, item: SetItem): void {
  const { program } = checker;
  if (--program.budget < 0) {
    program.report.add("rules_too_large", item.span, [MAX_NODES]);
    return;
  }
  const constants = checker.ofConstants();
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
    merge(program, set, resolveList(checker, item.value.name, item.span), item.span);
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

function merge(program: RuleProgram, set: ConstantSet, other: ConstantSet, span: Span): void {
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
