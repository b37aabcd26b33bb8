/** The parser's place in the text: one token of look-ahead, decoding of literals, skipping after an error. */
import type { SourceFile, Span } from "../../base/span.ts";
import type { Name, NumberLiteral, StringLiteral } from "../ast.ts";
import type { Diagnostics, Extra } from "../report.ts";
import { freeNameAt, skipSpace, type Token, tokenAt } from "./lexer.ts";
import { decodeCharacter, decodeNumber, decodeString } from "./literals.ts";

/** What is done with escapes that are none of the language: in a pattern they belong to the pattern. */
export type Escapes = "refuse" | "keep" | "later";

/** Says of each that it means nothing. */
export function reportEscapes(
  report: Diagnostics,
  escapes: NonNullable<StringLiteral["patternEscapes"]>,
): void {
  for (const { text, span } of escapes) {
    report.add("unknown_escape", span, [text], {
      expected: '`\\n`, `\\t`, `\\\\`, `\\"` or `\\xHH`',
      hint: "write `\\\\` for a backslash",
    });
  }
}

/** How a token is called in a message. */
export function describe(token: Token): string {
  switch (token.kind) {
    case "end":
      return "end of file";
    case "string":
      return "string";
    case "network":
      return "network address";
    default: {
      const shown = token.text.length > 60 ? `${token.text.slice(0, 60)}…` : token.text;
      return `\`${shown}\``;
    }
  }
}

export class Cursor {
  readonly file: SourceFile;
  readonly report: Diagnostics;
  token: Token;
  /** End of the token before. */
  lastEnd = 0;
  #commentReported = false;
  readonly #taken: Token[] | undefined;

  /** `taken`: gets every token that is taken; the text of a log_format with its braces is one. */
  constructor(file: SourceFile, report: Diagnostics, taken?: Token[]) {
    this.file = file;
    this.report = report;
    this.#taken = taken;
    this.token = this.#read(0);
  }

  #read(from: number): Token {
    const at = skipSpace(this.file.text, from);
    if (at < 0) {
      const start = -1 - at;
      if (!this.#commentReported) {
        this.#commentReported = true;
        this.report.add("unterminated_comment", this.span(start, start + 2), []);
      }
      return tokenAt(this.file, this.file.text.length);
    }
    return tokenAt(this.file, at);
  }

  span(start: number, end: number): Span {
    return { file: this.file, start, end };
  }

  /** A text on the command line is a rule, and no file. */
  #whole(): string {
    return this.file.isArgument ? "rule" : "file";
  }

  /** From `start` to the end of the last token taken. */
  spanFrom(start: number): Span {
    return this.span(start, Math.max(start, this.lastEnd));
  }

  spanOf(token: Token): Span {
    return this.span(token.start, token.end);
  }

  advance(): Token {
    const { token } = this;
    this.#taken?.push(token);
    this.lastEnd = token.end;
    this.token = this.#read(token.end);
    return token;
  }

  /** Continues right after `end`, which a special scan found. */
  jump(end: number): void {
    const { start } = this.token;
    this.#taken?.push({ kind: "word", text: this.file.text.slice(start, end), start, end });
    this.lastEnd = end;
    this.token = this.#read(end);
  }

  is(text: string): boolean {
    const { kind } = this.token;
    return (kind === "punctuation" || kind === "word") && this.token.text === text;
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.advance();
    return true;
  }

  /** Takes the token or reports that it is missing. */
  expect(text: string, extra: Extra = {}): boolean {
    if (this.accept(text)) return true;
    this.unexpected(`\`${text}\``, extra);
    return false;
  }

  unexpected(expected: string, extra: Extra = {}): void {
    const { token } = this;
    const { report } = this;
    if (token.kind === "end")
      report.add("unexpected_end", this.spanOf(token), [this.#whole()], { expected, ...extra });
    else if (token.kind === "other") this.#reportOther(token, { expected, ...extra });
    else
      report.add("unexpected_token", this.spanOf(token), [describe(token)], { expected, ...extra });
  }

  #reportOther(token: Token, extra: Extra): void {
    const span = this.spanOf(token);
    const code = token.text.codePointAt(0) ?? 0;
    if (code === 0xfffd) this.report.add("invalid_utf8", span, [], extra);
    else if (code < 32 || (code >= 127 && code < 160)) {
      this.report.add(
        "control_character",
        span,
        [`U+${code.toString(16).padStart(4, "0")}`],
        extra,
      );
    } else this.report.add("unexpected_character", span, [token.text], extra);
  }

  /** A free name or a quoted one. */
  name(expected: string): Name | undefined {
    const { token } = this;
    if (token.kind === "string") {
      const { value, span } = this.string();
      return { text: new TextDecoder().decode(value), span };
    }
    const free = freeNameAt(this.file, token.start);
    if (!free) {
      this.unexpected(expected);
      return undefined;
    }
    this.jump(free.end);
    return { text: free.text, span: this.spanOf(free) };
  }

  /** The string that is the current token. */
  string(escapes: Escapes = "refuse"): StringLiteral {
    const token = this.advance();
    const span = this.spanOf(token);
    if (!token.closed) this.report.add("unterminated_string", span, [], { expected: '`"`' });
    const raw = token.text.slice(1, token.closed ? -1 : undefined);
    this.#checkText(token.start + 1, raw);
    const { bytes, unknownEscapes } = decodeString(raw);
    const literal = { kind: "string", value: bytes, span } as const;
    if (escapes === "keep" || !token.closed || unknownEscapes.length === 0) return literal;
    const patternEscapes = unknownEscapes.map(({ at, text }) => {
      const start = token.start + 1 + at;
      return { text, span: this.span(start, start + text.length) };
    });
    if (escapes === "later") return { ...literal, patternEscapes };
    reportEscapes(this.report, patternEscapes);
    return literal;
  }

  /** Control characters inside strings and log formats would reach terminals. */
  #checkText(start: number, raw: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    const bad = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/.exec(raw);
    if (!bad) return;
    const at = start + bad.index;
    const token: Token = { kind: "other", text: bad[0], start: at, end: at + 1 };
    if (bad[0] === "\r") return;
    this.#reportOther(token, bad[0] === "\ufffd" ? {} : { hint: "write it as `\\xHH`" });
  }

  /** Checks free text such as a log_format. */
  checkText(start: number, end: number): void {
    this.#checkText(start, this.file.text.slice(start, end));
  }

  /** The number or character that is the current token; undefined (and reported) if it is malformed. */
  number(): NumberLiteral | undefined {
    const token = this.advance();
    const span = this.spanOf(token);
    const { text } = token;
    if (token.kind === "character") {
      const value = decodeCharacter(text.slice(1, token.closed ? -1 : undefined));
      if (value === undefined || !token.closed) {
        this.report.add("bad_character", span, [text], {
          hint: 'strings stand in double quotes: "…"',
        });
        return undefined;
      }
      return { kind: "number", text, value, span };
    }
    const value = decodeNumber(text);
    if (value === "malformed") {
      this.report.add("bad_number", span, [text], {
        expected: "a decimal, 0x, 0b or octal number, a size such as 4K or a time such as 10ms",
      });
    } else if (value === "too_large") this.report.add("number_too_large", span, [text]);
    return typeof value === "bigint" ? { kind: "number", text, value, span } : undefined;
  }

  /** Skips to the `}` that closes the block we are in (not past it), or to the end, or to a token that `stop` likes. */
  skipToClose(stop: (token: Token) => boolean = () => false): void {
    let depth = 0;
    for (;;) {
      const { token } = this;
      if (token.kind === "end") return;
      if (depth === 0 && (this.is("}") || stop(token))) return;
      if (this.is("{")) depth++;
      else if (this.is("}")) depth--;
      this.advance();
    }
  }

  /** Whether `{`, `=` or `"` follows the current word: it begins an entry or item. */
  followedBy(characters: string): boolean {
    const next = this.file.text[skipSpace(this.file.text, this.token.end)];
    return next !== undefined && characters.includes(next);
  }
}

/** At the top of a file: continues at the next item. */
export function skipToItem(cursor: Cursor): void {
  const keywords = ["rule", "define", "list", "include", "test", "policy"];
  for (let depth = 0; cursor.token.kind !== "end"; cursor.advance()) {
    if (cursor.is("{")) depth++;
    else if (cursor.is("}")) depth--;
    else if (depth <= 0 && cursor.token.kind === "word" && keywords.includes(cursor.token.text))
      return;
  }
}

/** Whether an item of a file certainly begins at the current token. */
export function atItem(cursor: Cursor): boolean {
  if (cursor.token.kind !== "word") return false;
  switch (cursor.token.text) {
    case "rule":
      return cursor.followedBy("{");
    case "include":
    case "test":
      return cursor.followedBy('"');
    case "policy":
      return /^\s+[^\s{}"]+\s*\{/.test(
        cursor.file.text.slice(cursor.token.end, cursor.token.end + 80),
      );
    default:
      return false;
  }
}
