/** Names that a file gives: where they are given, and where they are used. */
import type { Span } from "../base/span.ts";
import {
  childrenOf,
  type Expr,
  expressionsOf,
  type Item,
  type Name,
  type Tree,
} from "../language/index.ts";
import type { RuleDocument } from "./rule-document.ts";

/** Defines and lists share one space of names, rules and policies have theirs. */
export type NameSpace = "value" | "rule";

export interface NamePlace {
  readonly space: NameSpace;
  readonly name: string;
  /** The name alone. */
  readonly span: Span;
  readonly isDefinition: boolean;
}

export function namePlaces(trees: readonly Tree[]): readonly NamePlace[] {
  const places: NamePlace[] = [];
  const items = trees.flatMap((tree) => tree.items);
  const policies = new Set(items.flatMap((item) => (item.kind === "policy" ? item.name.text : [])));
  for (const item of items) collect(item, policies, places);
  return places;
}

/** `build.read` is a rule of the policy `build`. */
function ruleNamed({ text, span }: Name, policies: ReadonlySet<string>): NamePlace {
  const [policy = text] = text.split(".");
  const name = policies.has(policy) ? policy : text;
  const end = name === text ? span.end : span.start + name.length;
  return { space: "rule", name, span: { ...span, end }, isDefinition: false };
}

function collect(item: Item, policies: ReadonlySet<string>, into: NamePlace[]): void {
  const defined = (space: NameSpace, { text, span }: Name): void => {
    into.push({ space, name: text, span, isDefinition: true });
  };
  const used = (expr: Expr): void => {
    if (expr.kind === "name")
      into.push({ space: "value", name: expr.name, span: expr.span, isDefinition: false });
    for (const child of childrenOf(expr)) used(child);
  };
  if (item.kind === "define" || item.kind === "list") defined("value", item.name);
  else if (item.kind === "policy") defined("rule", item.name);
  else if (item.kind === "rule") {
    for (const entry of item.entries) if (entry.kind === "rule_name") defined("rule", entry.value);
  } else if (item.kind === "test") {
    for (const entry of item.entries)
      if (entry.kind === "expect" && entry.by !== undefined)
        into.push(ruleNamed(entry.by, policies));
  }
  for (const expr of expressionsOf(item)) used(expr);
}

/** The name at an offset of the text, with all its places; only names that a file gives. */
export function nameAt(
  { file, result }: RuleDocument,
  offset: number,
):
  | { readonly name: string; readonly at: NamePlace; readonly places: readonly NamePlace[] }
  | undefined {
  const all = namePlaces(result.ast);
  const at = all.find(
    ({ span }) => span.file === file && span.start <= offset && offset <= span.end,
  );
  if (at === undefined) return undefined;
  const places = all.filter(({ space, name }) => space === at.space && name === at.name);
  return places.some(({ isDefinition }) => isDefinition)
    ? { name: at.name, at, places }
    : undefined;
}
