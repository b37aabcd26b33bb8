/** What the layout needs to know of a tree, as offsets of tokens: where entries and blocks begin, and what stands close together. */
import type { Expr, Item, RuleEntry, Tree } from "../ast.ts";
import { childrenOf, expressionsOf } from "../walk.ts";

const TALL: ReadonlySet<Item["kind"]> = new Set(["rule", "test", "policy"]);
const TIGHT: ReadonlySet<RuleEntry["kind"]> = new Set([
  "limit",
  "threshold",
  "occurrence",
  "chance",
]);
/** They stay beside the type of their action. */
const BESIDE: ReadonlySet<string> = new Set(["by", "sum", "hist"]);

export class ShapeOfTree {
  /** Items of the file. */
  readonly items = new Set<number>();
  /** Entries of a block: each on a line of its own. */
  readonly entries = new Set<number>();
  /** Before the brace of a block that is never one line. */
  readonly tall = new Set<number>();
  /** Before the brace of a block that may be one line: actions. */
  readonly flat = new Set<number>();
  /** Operators with one operand. */
  readonly unary = new Set<number>();
  /** Names with parentheses behind them. */
  readonly callees = new Set<number>();
  /** Entries that are written without spaces: `10/s`, `3..6`, `0.5%`. */
  readonly tight: { readonly start: number; readonly end: number }[] = [];

  constructor({ items }: Tree) {
    for (const item of items) {
      this.items.add(item.span.start);
      if (TALL.has(item.kind)) this.tall.add(item.span.start);
      if ("entries" in item) for (const entry of item.entries) this.#entry(entry);
      for (const expr of expressionsOf(item)) this.#expression(expr);
    }
  }

  #entry(entry: Extract<Item, { readonly entries: unknown }>["entries"][number]): void {
    this.entries.add(entry.span.start);
    if (entry.kind === "action") {
      this.flat.add(entry.span.start);
      for (const { kind, span } of entry.entries)
        if (!BESIDE.has(kind)) this.entries.add(span.start);
    } else if (entry.kind === "call") this.callees.add(entry.name.span.start);
    else if (TIGHT.has(entry.kind as RuleEntry["kind"])) this.tight.push(entry.span);
  }

  #expression(expr: Expr): void {
    if (expr.kind === "unary") this.unary.add(expr.span.start);
    if (expr.kind === "call") this.callees.add(expr.span.start);
    for (const child of childrenOf(expr)) this.#expression(child);
  }
}
