/** What the layout needs to know of a tree: where entries and blocks begin, and which tokens stand close together. */
import type { ActionItem, Assignment, Expr, Item, RuleEntry, TestEntry, Tree } from "../ast.ts";
import { childrenOf } from "../walk.ts";

/** Offsets of tokens. */
export interface Shape {
  /** Items of the file. */
  readonly items: ReadonlySet<number>;
  /** Entries of a block: each on a line of its own. */
  readonly entries: ReadonlySet<number>;
  /** Before the brace of a block that is never one line. */
  readonly tall: ReadonlySet<number>;
  /** Before the brace of a block that may be one line: actions. */
  readonly flat: ReadonlySet<number>;
  /** Operators with one operand. */
  readonly unary: ReadonlySet<number>;
  /** Names with parentheses behind them. */
  readonly callees: ReadonlySet<number>;
  /** Entries that are written without spaces: `10/s`, `3..6`, `0.5%`. */
  readonly tight: readonly { readonly start: number; readonly end: number }[];
}

const TALL: ReadonlySet<Item["kind"]> = new Set(["rule", "test", "policy"]);
const TIGHT: ReadonlySet<RuleEntry["kind"]> = new Set([
  "limit",
  "threshold",
  "occurrence",
  "chance",
]);
/** They stay beside the type of their action. */
const BESIDE: ReadonlySet<string> = new Set(["by", "sum", "hist"]);

export class ShapeOfTree implements Shape {
  readonly items = new Set<number>();
  readonly entries = new Set<number>();
  readonly tall = new Set<number>();
  readonly flat = new Set<number>();
  readonly unary = new Set<number>();
  readonly callees = new Set<number>();
  readonly tight: { start: number; end: number }[] = [];

  constructor({ items }: Tree) {
    for (const item of items) {
      this.items.add(item.span.start);
      if (TALL.has(item.kind)) this.tall.add(item.span.start);
      this.#item(item);
    }
  }

  #item(item: Item): void {
    switch (item.kind) {
      case "rule":
        for (const entry of item.entries) this.#ruleEntry(entry);
        break;
      case "define":
        this.#expression(item.value);
        break;
      case "list":
        this.#expression({ kind: "set", items: item.values, span: item.span });
        break;
      case "test":
        for (const entry of item.entries) this.#testEntry(entry);
        break;
      case "policy":
        for (const entry of item.entries) {
          this.entries.add(entry.span.start);
          if (entry.kind === "otherwise") this.#expression(entry.errno);
        }
        break;
      case "include":
        break;
    }
  }

  #ruleEntry(entry: RuleEntry): void {
    this.entries.add(entry.span.start);
    if (entry.kind === "action") this.#action(entry);
    else if (entry.kind === "filter_expression") this.#expression(entry.value);
    else if (TIGHT.has(entry.kind)) this.tight.push(entry.span);
  }

  #action({ span, entries }: ActionItem): void {
    this.flat.add(span.start);
    for (const entry of entries) {
      if (!BESIDE.has(entry.kind)) this.entries.add(entry.span.start);
      if (entry.kind === "error_code") this.#expression(entry.value);
      else if (entry.kind === "rewrite") this.#assignments(entry.assignments);
      else if ("values" in entry) for (const value of entry.values) this.#expression(value);
    }
  }

  #testEntry(entry: TestEntry): void {
    this.entries.add(entry.span.start);
    if (entry.kind === "expect") {
      this.#expression(entry.errno);
      return;
    }
    this.callees.add(entry.name.span.start);
    for (const arg of entry.args) this.#expression(arg);
    this.#assignments(entry.variables);
    this.#expression(entry.returns);
  }

  #assignments(assignments: readonly Assignment[]): void {
    for (const { target, value } of assignments) {
      this.#expression(target);
      this.#expression(value);
    }
  }

  #expression(expr: Expr | undefined): void {
    if (expr === undefined) return;
    if (expr.kind === "unary") this.unary.add(expr.span.start);
    if (expr.kind === "call") this.callees.add(expr.span.start);
    for (const child of childrenOf(expr)) this.#expression(child);
  }
}
