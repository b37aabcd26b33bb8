/** The defines and lists of a rule set; all files share one name space, and order does not matter. */
import type { DefineItem, Item, ListItem, Name } from "../ast.ts";
import type { Diagnostics } from "../report.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { operandNames } from "./variables.ts";

const FUNCTIONS = ["descends_from"];

export class Names {
  readonly defines = new Map<string, DefineItem>();
  readonly lists = new Map<string, ListItem>();
  /** Defines that were refused because of their size. */
  readonly oversized = new Set<string>();
  readonly vocabulary: Vocabulary;
  readonly #report: Diagnostics;

  constructor(items: readonly Item[], vocabulary: Vocabulary, report: Diagnostics) {
    this.vocabulary = vocabulary;
    this.#report = report;
    for (const item of items) {
      if (item.kind === "define" && this.#isFree(item.name)) this.defines.set(item.name.text, item);
      if (item.kind === "list" && this.#isFree(item.name)) this.lists.set(item.name.text, item);
    }
  }

  #isFree({ text, span }: Name): boolean {
    const first = this.defines.get(text) ?? this.lists.get(text);
    if (first) {
      const related = [{ message: "It is defined here first", span: first.name.span }];
      this.#report.add("duplicate_name", span, [text], { related });
      return false;
    }
    const what = operandNames.includes(text)
      ? "variable"
      : FUNCTIONS.includes(text)
        ? "function"
        : this.constant(text) !== undefined
          ? "constant"
          : undefined;
    if (what) this.#report.add("reserved_name", span, [text, what]);
    return what === undefined;
  }

  /** Whether a name means anything in some expression. */
  isKnown(name: string): boolean {
    if (operandNames.includes(name) || this.defines.has(name) || this.lists.has(name)) return true;
    return this.constant(name) !== undefined;
  }

  /** Value of a constant of the headers; error names count as their numbers. */
  constant(name: string): bigint | undefined {
    if (name === "NULL") return 0n;
    const value = this.vocabulary.constant(name);
    if (value !== undefined) return value;
    const errno = this.vocabulary.errno(name);
    return errno === undefined ? undefined : BigInt(errno);
  }

  /** Everything that can stand in an expression. */
  *all(): Iterable<string> {
    yield* operandNames;
    yield* this.defines.keys();
    yield* this.lists.keys();
    yield* this.vocabulary.constantNames;
  }
}
