/**
 * Rule sets as text. What is in force is kept as one canonical text without includes and tests, in which every rule
 * has its name: it means the same wherever and whenever it is read again.
 */

import type { Diagnostic } from "../../base/diagnostic.ts";
import { nameTest } from "../../base/name-pattern.ts";
import type { SourceFile } from "../../base/span.ts";
import { Accounts } from "../../files/index.ts";
import {
  type CheckedRule,
  type CheckedRuleSet,
  type Item,
  type LoadInclude,
  parseRules,
  printItem,
  type RuleItem,
  refusePolicies,
  type Tree,
} from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import type { IncludedText, RuleText } from "../socket/protocol.ts";
import { mergeTaken } from "./in-force-already.ts";

export interface Composition {
  readonly rules: readonly CheckedRule[];
  /** Canonical text of them. */
  readonly source: string;
}

export interface Composed {
  /** Undefined: there are errors among the diagnostics. */
  readonly composition: Composition | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Name under which messages quote rules that were loaded before. */
const IN_FORCE = "(rules in force)";

export interface ComposeOptions {
  /** Finds what files include; absent: nothing can be. */
  readonly loadInclude?: LoadInclude;
  /** What messages call the canonical text. */
  readonly name?: string;
  /** Codes of warnings that are not reported. */
  readonly allow?: readonly string[];
}

/** The rules of a canonical text, those of the files behind them. */
export function compose(
  inForce: string,
  files: readonly SourceFile[] = [],
  { name = IN_FORCE, ...given }: ComposeOptions = {},
): Composed {
  const options = { ...given, accounts: new Accounts() };
  const text = withoutRepeated(inForce, files, options);
  const base: SourceFile = { name, text, isKept: true };
  const { ruleSet, diagnostics, ast } = parseRules([base, ...files], vocabulary, options);
  if (ruleSet === undefined)
    return { composition: undefined, diagnostics: mergeTaken(diagnostics, base) };
  const policies = refusePolicies(ruleSet.rules);
  if (policies.length > 0) return { composition: undefined, diagnostics: policies };
  const composition = { rules: ruleSet.rules, source: print(ruleSet, ast) };
  // what was said about rules when they were loaded is not said again
  return { composition, diagnostics: diagnostics.filter(({ span }) => span.file !== base) };
}

/** Includes as the client read them. */
export function includesOf(texts: readonly IncludedText[]): LoadInclude {
  const key = (path: string, from: string): string => JSON.stringify([path, from]);
  const files = new Map(
    texts.map(({ path, from, name, text }) => [key(path, from), { name, text }]),
  );
  return (path, from) => files.get(key(path, from.name)) ?? { error: "it was not sent" };
}

/** Reads files for a request: `load` finds what they include, and what it found is in `includes` then. */
export function collectIncludes(
  files: readonly RuleText[],
  load: LoadInclude,
): { readonly includes: readonly IncludedText[]; readonly loadInclude: LoadInclude } {
  const includes: IncludedText[] = [];
  const loadInclude: LoadInclude = (path, from) => {
    const found = load(path, from);
    if (!("error" in found)) includes.push({ path, from: from.name, ...found });
    return found;
  };
  parseRules(files, vocabulary, { loadInclude });
  return { includes, loadInclude: includesOf(includes) };
}

export type Removal =
  | { readonly ok: true; readonly source: string }
  | { readonly ok: false; readonly unknown: readonly string[] };

/** The canonical text without the rules that are named, and without definitions that none of the others uses. */
export function removeRules(source: string, names: readonly string[]): Removal {
  const items = itemsOf(source);
  const rules = items.filter((item) => item.kind === "rule");
  const known = rules.map((rule) => nameOf(rule) ?? "");
  const unknown = names.filter((name) => !known.some(nameTest([name])));
  if (unknown.length > 0) return { ok: false, unknown };
  const isNamed = nameTest(names);
  const kept = rules.filter((rule) => names.length === 0 || !isNamed(nameOf(rule) ?? ""));
  return { ok: true, source: join([...usedBy(kept, items), ...kept]) };
}

/** The text of each rule and definition of a canonical text, by what it is called. */
export function entriesOf(source: string): ReadonlyMap<string, string> {
  return new Map(itemsOf(source).map((item) => [titleOf(item), printItem(item)]));
}

function titleOf(item: Item): string {
  switch (item.kind) {
    case "rule":
      return `rule ${nameOf(item)}`;
    case "define":
    case "list":
      return `${item.kind} ${item.name.text}`;
    default:
      return printItem(item);
  }
}

function itemsOf(source: string): readonly Item[] {
  const { ast } = parseRules([{ name: IN_FORCE, text: source }], vocabulary);
  return ast.flatMap(({ items }) => items);
}

function nameOf(rule: RuleItem): string | undefined {
  for (const entry of rule.entries) if (entry.kind === "rule_name") return entry.value.text;
  return undefined;
}

const isDefinition = ({ kind }: Item): boolean => kind === "define" || kind === "list";

/** A file may be loaded whose list or define is in force already, word for word the same. */
function withoutRepeated(
  inForce: string,
  files: readonly SourceFile[],
  options: { loadInclude?: LoadInclude },
): string {
  const items = itemsOf(inForce);
  if (files.length === 0 || !items.some(isDefinition)) return inForce;
  const { ast } = parseRules(files, vocabulary, options);
  const added = new Set(ast.flatMap((tree) => tree.items.filter(isDefinition).map(printItem)));
  return join(items.filter((item) => !(isDefinition(item) && added.has(printItem(item)))));
}

/** Definitions whose name appears in a rule or in a definition that is used. */
function usedBy(rules: readonly Item[], items: readonly Item[]): readonly Item[] {
  const left = new Set(items.filter(isDefinition));
  const used = new Set<Item>();
  const texts = rules.map(printItem);
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    const words = new Set(text.match(/\w+/g));
    for (const item of left) {
      if (!("name" in item) || !words.has(item.name.text)) continue;
      left.delete(item);
      used.add(item);
      texts.push(printItem(item));
    }
  }
  return items.filter((item) => used.has(item));
}

/** Definitions first, wherever they stood; then the rules in the order in which they are asked. */
function print({ rules }: CheckedRuleSet, trees: readonly Tree[]): string {
  const items = trees.flatMap((tree) => tree.items);
  const byPlace = new Map<SourceFile, Map<number, RuleItem>>();
  for (const item of items) {
    if (item.kind !== "rule") continue;
    const { file, start } = item.span;
    const places = byPlace.get(file) ?? new Map<number, RuleItem>();
    byPlace.set(file, places.set(start, item));
  }
  const ordered = rules.map(({ name, span }) => {
    const item = byPlace.get(span.file)?.get(span.start);
    if (item === undefined) throw new Error(`Cannot print rule "${name}": it has no text`);
    return withName(item, name);
  });
  return join([...items.filter(isDefinition), ...ordered]);
}

function withName(rule: RuleItem, name: string): RuleItem {
  if (nameOf(rule) !== undefined) return rule;
  const { span } = rule;
  const entry = { kind: "rule_name", value: { text: name, span }, span } as const;
  return { ...rule, entries: [entry, ...rule.entries] };
}

function join(items: readonly Item[]): string {
  return items.map((item) => `${printItem(item)}\n`).join("\n");
}
