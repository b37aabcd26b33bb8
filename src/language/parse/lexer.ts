/**
 * Text → tokens, one at a time and on demand: names and log_format have rules of their own, so the parser asks
 * for what may stand at a place. Finds only the extents; literals.ts decodes. Never fails, never looks back.
 */
import type { SourceFile } from "../../base/span.ts";

export interface Token {
  readonly kind:
    | "word"
    | "number"
    | "string"
    | "character"
    | "network"
    | "punctuation"
    | "other"
    | "end";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Strings and characters: the closing quote is there. */
  readonly closed?: boolean;
}

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /[0-9][A-Za-z0-9_]*/y;
const IPV4 = /[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:\/[0-9]+)?(?![A-Za-z0-9_.])/y;
const IPV6 =
  /(?:[0-9A-Fa-f]{0,4}:){2,8}(?:[0-9A-Fa-f]{1,4}|[0-9]{1,3}(?:\.[0-9]{1,3}){3})?(?:\/[0-9]+)?(?![A-Za-z0-9_:])/y;
const PUNCTUATION = /\|\||&&|==|!=|<=|>=|<<|>>|=~|!~|\.\.|[|&^!~<>+\-*/%()[\]{}=,;.:@]/y;
const FREE_NAME = /[A-Za-z0-9_@][A-Za-z0-9_.:@+/-]*/y;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWordStart(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

/** The first offset that is neither white space nor comment; `-1 - start` of a comment that never ends. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 32 || code === 10 || code === 9 || code === 13 || code === 0xfeff) {
      // A byte-order mark counts as space only where it belongs.
      if (code === 0xfeff && at !== 0) return at;
      at++;
    } else if (code === 35 || (code === 47 && text.charCodeAt(at + 1) === 47)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (code === 47 && text.charCodeAt(at + 1) === 42) {
      const end = text.indexOf("*/", at + 2);
      if (end < 0) return -1 - at;
      at = end + 2;
    } else return at;
  }
}

/** A string or character: up to its quote or the end of its line. By hand, as long strings overflow a regular expression. */
function quotedAt(text: string, start: number, quote: number): Token {
  const kind = quote === 34 ? "string" : "character";
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      return { kind, text: text.slice(start, at + 1), start, end: at + 1, closed: true };
    }
    if (code === 10) break;
    if (code === 92 && at + 1 < text.length && text.charCodeAt(at + 1) !== 10) at++;
  }
  return { kind, text: text.slice(start, at), start, end: at, closed: false };
}

/** The token that begins at `at`, where neither white space nor a comment stands. */
export function tokenAt(file: SourceFile, at: number): Token {
  const { text } = file;
  if (at >= text.length) return { kind: "end", text: "", start: text.length, end: text.length };
  const code = text.charCodeAt(at);
  const found = (kind: Token["kind"], match: RegExpExecArray): Token => ({
    kind,
    text: match[0],
    start: at,
    end: at + match[0].length,
  });
  if (isDigit(code)) {
    const network = matchAt(IPV4, text, at) ?? matchAt(IPV6, text, at);
    if (network) return found("network", network);
    const number = matchAt(NUMBER, text, at);
    if (number) return found("number", number);
  }
  if (isWordStart(code)) {
    const network = matchAt(IPV6, text, at);
    if (network) return found("network", network);
    const word = matchAt(WORD, text, at);
    if (word) return found("word", word);
  }
  if (code === 34 || code === 39) return quotedAt(text, at, code);
  if (code === 58) {
    const network = matchAt(IPV6, text, at);
    if (network) return found("network", network);
  }
  const punctuation = matchAt(PUNCTUATION, text, at);
  if (punctuation) return found("punctuation", punctuation);
  const end = at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
  return { kind: "other", text: text.slice(at, end), start: at, end };
}

/** A free name (rule names, calls, classes, tags, words) at `at`, or undefined. */
export function freeNameAt(file: SourceFile, at: number): Token | undefined {
  const match = matchAt(FREE_NAME, file.text, at);
  if (!match) return undefined;
  // A comment may follow without a space.
  const name = match[0].split("//", 1)[0] ?? "";
  const comment = name.endsWith("/") && file.text[at + name.length] === "*";
  const text = comment ? name.slice(0, -1) : name;
  return { kind: "word", text, start: at, end: at + text.length };
}

/** Whether a text can stand as a free name without quotes. */
export function isFreeName(text: string): boolean {
  const match = matchAt(FREE_NAME, text, 0);
  return match !== null && match[0].length === text.length && !/\/\/|\/$/.test(text);
}

const partners = new WeakMap<SourceFile, ReadonlyMap<number, number>>();

/**
 * Offset of the `}` that closes the `{` at `open` by braces alone, or undefined. All pairs of a file are found in
 * one pass, so that thousands of unclosed texts do not each search to the end.
 */
export function closingBrace(file: SourceFile, open: number): number | undefined {
  let pairs = partners.get(file);
  if (!pairs) {
    pairs = matchBraces(file.text);
    partners.set(file, pairs);
  }
  return pairs.get(open);
}

function matchBraces(text: string): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 123) open.push(i);
    else if (code === 125) {
      const start = open.pop();
      if (start !== undefined) pairs.set(start, i);
    }
  }
  return pairs;
}
