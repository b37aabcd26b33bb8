/** Reads the keys of one table with their types. What is asked for is what may be there: the rest is unknown. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { escapeControls } from "../../base/escape.ts";
import type { Span } from "../../base/span.ts";
import { didYouMean } from "../../language/suggest.ts";
import type { DocumentNode, DocumentTable } from "./document.ts";
import { readDurationMs, readSizeBytes } from "./quantity.ts";

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** What a text has to look like. */
interface Shape {
  readonly pattern: RegExp;
  readonly expected: string;
}

export class Section {
  readonly diagnostics: Diagnostic[];
  readonly span: Span;
  readonly #table: DocumentTable;
  /** `outputs[2].` and such, before a key in a message. */
  readonly #prefix: string;
  readonly #known: string[] = [];

  constructor(table: DocumentTable, prefix: string, diagnostics: Diagnostic[]) {
    this.#table = table;
    this.span = table.span;
    this.#prefix = prefix;
    this.diagnostics = diagnostics;
  }

  has(key: string): boolean {
    return this.#table.entries.has(key);
  }

  string(key: string): string | undefined;
  string(key: string, fallback: string): string;
  string(key: string, fallback?: string): string | undefined {
    const node = this.#take(key);
    if (node === undefined) return fallback;
    if (node.kind === "string" && node.value !== "") {
      if (!String(node.value).includes("\0")) return String(node.value);
      this.#wrong(node.span, key, "a text without NUL characters");
    } else this.#wrong(node.span, key, "a text in quotes");
    return fallback;
  }

  /** A text that has to be there; "" after it was reported missing. */
  required(key: string): string {
    if (!this.has(key)) {
      this.#report("config_missing", this.span, `The key '${this.#prefix}${key}' is missing`);
    }
    return this.string(key, "");
  }

  path(key: string): string | undefined {
    const path = this.string(key);
    if (path === undefined || path.startsWith("/")) return path;
    this.invalid(key, "an absolute path");
    return undefined;
  }

  choice<const T extends string>(key: string, choices: readonly T[], fallback: T): T {
    const node = this.#take(key);
    if (node === undefined) return fallback;
    const picked = choices.find((choice) => node.kind === "string" && choice === node.value);
    if (picked !== undefined) return picked;
    const hint = node.kind === "string" ? didYouMean(String(node.value), choices) : {};
    this.#wrong(node.span, key, choices.map((choice) => `"${choice}"`).join(", "), hint);
    return fallback;
  }

  boolean(key: string, fallback: boolean): boolean {
    const node = this.#take(key);
    if (node === undefined) return fallback;
    if (node.kind === "boolean") return node.value === true;
    this.#wrong(node.span, key, "true or false");
    return fallback;
  }

  integer(key: string, fallback: number, bounds: Bounds = {}): number {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
    const node = this.#take(key);
    if (node === undefined) return fallback;
    const value = Number(node.kind === "integer" ? node.value : Number.NaN);
    if (value >= min && value <= max) return value;
    const upper = max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`;
    this.#wrong(node.span, key, `an integer from ${min}${upper}`);
    return fallback;
  }

  /** `"64M"`, or bytes as an integer. */
  size(key: string, fallback: number, bounds: Bounds = {}): number {
    return this.#quantity(key, fallback, readSizeBytes, 'a size like "512K" or "64M"', bounds);
  }

  /** `"10s"`, `"7d"`. */
  durationMs(key: string, fallback: number, bounds: Bounds = {}): number {
    return this.#quantity(
      key,
      fallback,
      readDurationMs,
      'a time like "500ms", "10s" or "7d"',
      bounds,
    );
  }

  #quantity(
    key: string,
    fallback: number,
    read: (value: unknown) => number | undefined,
    expected: string,
    { min = 0, max = Number.MAX_SAFE_INTEGER }: Bounds,
  ): number {
    const node = this.#take(key);
    if (node === undefined) return fallback;
    const isPlain = node.kind === "string" || node.kind === "integer";
    const value = isPlain ? read(node.value) : undefined;
    if (value !== undefined && value >= min && value <= max) return value;
    const bounds =
      value === undefined ? "" : value < min ? `, not less than ${min}` : `, not more than ${max}`;
    this.#wrong(node.span, key, expected + bounds);
    return fallback;
  }

  strings(key: string): readonly string[] {
    const node = this.#take(key);
    if (node === undefined) return [];
    if (node.kind === "string") return [String(node.value)];
    if (node.kind === "array" && node.items.every((item) => item.kind === "string")) {
      return node.items.map((item) => (item.kind === "string" ? String(item.value) : ""));
    }
    this.#wrong(node.span, key, "a list of texts");
    return [];
  }

  /** A table of texts, such as headers, whose names and values look so. */
  texts(key: string, names: Shape, values: Shape): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    const node = this.#take(key);
    if (node === undefined) return texts;
    if (node.kind !== "table") this.#wrong(node.span, key, "a table of texts");
    else {
      for (const [name, { keySpan, value }] of node.entries) {
        const shown = `${key}.${escapeControls(name)}`;
        if (!names.pattern.test(name)) this.#wrongName(keySpan, shown, names.expected);
        else if (value.kind !== "string") this.#wrong(value.span, shown, "a text in quotes");
        else if (!values.pattern.test(String(value.value)))
          this.#wrong(value.span, shown, values.expected);
        else texts.set(name, String(value.value));
      }
    }
    return texts;
  }

  section(key: string): Section {
    const node = this.#take(key);
    if (node !== undefined && node.kind !== "table") this.#wrong(node.span, key, `[${key}]`);
    const table: DocumentTable =
      node?.kind === "table" ? node : { kind: "table", entries: new Map(), span: this.span };
    return new Section(table, `${this.#prefix}${key}.`, this.diagnostics);
  }

  sections(key: string): readonly Section[] {
    const node = this.#take(key);
    if (node === undefined) return [];
    if (node.kind === "array" && node.items.every((item) => item.kind === "table")) {
      const tables = node.items.flatMap((item) => (item.kind === "table" ? [item] : []));
      return tables.map((table, i) => new Section(table, `${key}[${i}].`, this.diagnostics));
    }
    this.#wrong(node.span, key, `[[${key}]]`);
    return [];
  }

  /** Reports the value of a key that is of the right type but not acceptable. */
  invalid(key: string, expected: string): void {
    const span = this.#table.entries.get(key)?.value.span ?? this.span;
    this.#wrong(span, key, expected);
  }

  /** What is accepted and should be thought about. */
  warn(key: string, code: string, message: string, hint: string): void {
    const span = this.#table.entries.get(key)?.value.span ?? this.span;
    this.diagnostics.push({ code, severity: "warning", message, span, hint });
  }

  /** To be called when all keys were asked for: the others are mistakes. */
  finish(): void {
    for (const [key, { keySpan }] of this.#table.entries) {
      if (this.#known.includes(key)) continue;
      this.#report(
        "config_unknown_key",
        keySpan,
        `The key '${this.#prefix}${key}' is unknown`,
        didYouMean(key, this.#known),
      );
    }
  }

  #take(key: string): DocumentNode | undefined {
    this.#known.push(key);
    return this.#table.entries.get(key)?.value;
  }

  #wrong(span: Span, key: string, expected: string, extra: { hint?: string } = {}): void {
    const message = `The value of '${this.#prefix}${key}' is not valid`;
    this.#report("config_value", span, message, { expected, ...extra });
  }

  #wrongName(span: Span, key: string, expected: string): void {
    this.#report("config_value", span, `The name '${this.#prefix}${key}' is not valid`, {
      expected,
    });
  }

  #report(
    code: string,
    span: Span,
    message: string,
    extra: { hint?: string; expected?: string } = {},
  ): void {
    this.diagnostics.push({ code, severity: "error", message, span, ...extra });
  }
}
