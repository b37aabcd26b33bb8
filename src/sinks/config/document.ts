/** A TOML text as a tree whose every key and value knows its place, so that what is wrong can be shown where it is. */
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { SourceFile, Span } from "../../base/span.ts";

export interface Scalar {
  readonly kind: "string" | "integer" | "float" | "boolean" | "date";
  readonly value: string | number | boolean;
  readonly span: Span;
}

export interface List {
  readonly kind: "array";
  readonly items: DocumentNode[];
  readonly span: Span;
}

export interface KeyEntry {
  readonly keySpan: Span;
  readonly value: DocumentNode;
}

export interface DocumentTable {
  readonly kind: "table";
  readonly entries: Map<string, KeyEntry>;
  readonly span: Span;
}

export type DocumentNode = Scalar | List | DocumentTable;

/** A configuration is a page of text; more is a mistake, such as the name of another file. */
const MAX_LENGTH = 1024 * 1024;

/** The tree, or what is wrong with the text. */
export function parseDocument(file: SourceFile): DocumentTable | Diagnostic {
  const problem = (message: string, at: number): Diagnostic => ({
    code: "config_syntax",
    severity: "error",
    message,
    span: { file, start: at, end: Math.min(at + 1, file.text.length) },
  });
  if (file.text.length > MAX_LENGTH) return problem("This is too long for a configuration", 0);
  try {
    return new TreeBuilder(file).build(parseTOML(file.text, { tomlVersion: "1.0" }));
  } catch (error) {
    if (error instanceof ParseError) return problem(error.message.replace(/\.$/, ""), error.index);
    if (error instanceof RangeError) return problem("This is nested too deeply", 0);
    throw error;
  }
}

class TreeBuilder {
  readonly #file: SourceFile;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  build(program: AST.TOMLProgram): DocumentTable {
    const [top] = program.body;
    const root = this.#table([0, 0]);
    for (const part of top.body) {
      if (part.type === "TOMLKeyValue") this.#add(root, part);
      else this.#section(root, part);
    }
    return root;
  }

  #section(root: DocumentTable, part: AST.TOMLTable): void {
    const names = part.key.keys;
    const parent = this.#descend(root, names.slice(0, -1));
    const last = names.at(-1);
    if (parent === undefined || last === undefined) return;
    let table = this.#table(part.key.range);
    const name = nameOf(last);
    const known = parent.entries.get(name)?.value;
    if (part.kind === "array") {
      const list: List =
        known?.kind === "array"
          ? known
          : { kind: "array", items: [], span: this.#span(last.range) };
      list.items.push(table);
      parent.entries.set(name, { keySpan: list.span, value: list });
    } else if (known?.kind === "table") table = known;
    else parent.entries.set(name, { keySpan: this.#span(last.range), value: table });
    for (const entry of part.body) this.#add(table, entry);
  }

  #add(table: DocumentTable, entry: AST.TOMLKeyValue): void {
    const names = entry.key.keys;
    const parent = this.#descend(table, names.slice(0, -1));
    const last = names.at(-1);
    if (parent === undefined || last === undefined) return;
    const value = this.#value(entry.value);
    parent.entries.set(nameOf(last), { keySpan: this.#span(last.range), value });
  }

  /** The table at a dotted path; the parser has refused paths through anything else. */
  #descend(table: DocumentTable, names: readonly (AST.TOMLBare | AST.TOMLQuoted)[]) {
    let at: DocumentTable | undefined = table;
    for (const key of names) {
      const name = nameOf(key);
      let next: DocumentNode | undefined = at?.entries.get(name)?.value;
      if (next?.kind === "array") next = next.items.at(-1);
      if (next === undefined) {
        next = this.#table(key.range);
        at?.entries.set(name, { keySpan: next.span, value: next });
      }
      at = next.kind === "table" ? next : undefined;
    }
    return at;
  }

  #value(node: AST.TOMLContentNode): DocumentNode {
    const span = this.#span(node.range);
    if (node.type === "TOMLArray") {
      return { kind: "array", items: node.elements.map((item) => this.#value(item)), span };
    }
    if (node.type === "TOMLInlineTable") {
      const table = this.#table(node.range);
      for (const entry of node.body) this.#add(table, entry);
      return table;
    }
    switch (node.kind) {
      case "string":
      case "integer":
      case "float":
      case "boolean":
        return { kind: node.kind, value: node.value, span };
      default:
        return { kind: "date", value: node.datetime, span };
    }
  }

  #table(range: readonly [number, number]): DocumentTable {
    return { kind: "table", entries: new Map(), span: this.#span(range) };
  }

  #span([start, end]: readonly [number, number]): Span {
    return { file: this.#file, start, end };
  }
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}
