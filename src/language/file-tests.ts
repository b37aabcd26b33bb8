/**
 * Tests of text that names files: PATH, EXE, CWD against constants. What they are given is resolved: absolute, without links, dots or
 * double slashes. A constant is what somebody wrote, and means the file that it leads to. So each test stands for some more, with the
 * same constant as it is when resolved; which those are, changes with the links of the machine.
 */
import { textVariable } from "../variables/index.ts";
import type { BoolExpr, StringExpr } from "./checked/expression.ts";
import { hasGlobSpecial, literalGlob } from "./strings/glob.ts";
import { anchoredPrefix } from "./strings/regex-prefix.ts";

type StringTest = Extract<BoolExpr, { kind: "stringTest" }>;
type StringIn = Extract<BoolExpr, { kind: "stringIn" }>;
export type FileTest = StringTest | StringIn;

/** Another test of the same text; true where it holds. */
export interface OtherTest {
  readonly op: "==" | "startswith" | "matches" | "=~";
  readonly pattern: Uint8Array;
}

/** Names of what a path leads to, as one byte a character. */
export interface ResolvedName {
  /** With all links resolved but one at its end. */
  readonly link: string;
  /** With all links resolved. */
  readonly target: string;
}

/** Gives absolute names, for absolute paths. */
export type ResolveName = (path: string) => ResolvedName;

export function isFile(subject: StringExpr): boolean {
  if (subject.kind === "pathOf") return true;
  if (subject.kind === "fdText") return subject.member === "path";
  return subject.kind === "stringVariable" && textVariable(subject.name).isFile === true;
}

const LITERAL_OPS: ReadonlySet<string> = new Set(["==", "!=", "startswith", "matches", "=~", "!~"]);

/** Whether an expression compares a file with what may have another name. */
export function isFileTest(expr: BoolExpr): expr is FileTest {
  if (expr.kind === "stringIn") return isFile(expr.subject);
  return expr.kind === "stringTest" && isFile(expr.subject) && LITERAL_OPS.has(expr.op);
}

/** Whether the test holds where the text differs. */
export function isNegative(test: FileTest): boolean {
  return test.kind === "stringTest" && (test.op === "!=" || test.op === "!~");
}

/** The whole paths that a test compares with. */
export function wholePaths(test: FileTest): readonly Uint8Array[] {
  if (test.kind === "stringIn") return test.values;
  return test.op === "==" || test.op === "!=" ? [test.pattern] : [];
}

/** What a test also means, and does not say: it holds (or, negated, does not) for texts that one of these holds for. */
export function otherTests(test: FileTest, resolve: ResolveName): readonly OtherTest[] {
  const found = new Map<string, OtherTest>();
  const add = (op: OtherTest["op"], pattern: string): void => {
    found.set(`${op} ${pattern}`, { op, pattern: bytesOf(pattern) });
  };
  if (test.kind === "stringIn") {
    for (const value of test.values) addWhole(textOf(value), resolve, add);
    for (const value of test.values) found.delete(`== ${textOf(value)}`);
  } else {
    const text = textOf(test.pattern);
    addTests(test, text, resolve, add);
    found.delete(`${test.op.replace("!", "=")} ${text}`);
  }
  return [...found.values()];
}

type Add = (op: OtherTest["op"], pattern: string) => void;

function addTests(test: StringTest, text: string, resolve: ResolveName, add: Add): void {
  switch (test.op) {
    case "==":
    case "!=":
      addWhole(text, resolve, add);
      return;
    case "startswith":
      addPrefix(text, resolve, add);
      return;
    case "matches":
      for (const pattern of expandBraces(text)) addGlob(pattern, resolve, add);
      return;
    case "=~":
    case "!~":
      addRegex(text, resolve, add);
      return;
    default:
      return;
  }
}

function addWhole(path: string, resolve: ResolveName, add: Add): void {
  if (!path.startsWith("/")) return;
  const { link, target } = resolve(path);
  add("==", link);
  add("==", target);
}

/** The directory of a text that begins a path, and the rest behind its last slash. */
function split(text: string): { directory: string; rest: string } | undefined {
  if (!text.startsWith("/")) return undefined;
  const at = text.lastIndexOf("/") + 1;
  return { directory: text.slice(0, at), rest: text.slice(at) };
}

/** With a slash behind it. */
function resolveDirectory(directory: string, resolve: ResolveName): string {
  const { target } = resolve(directory);
  return target.endsWith("/") ? target : `${target}/`;
}

function addPrefix(text: string, resolve: ResolveName, add: Add): void {
  const parts = split(text);
  if (parts === undefined) return;
  const directory = resolveDirectory(parts.directory, resolve);
  add("startswith", directory + parts.rest);
  if (parts.rest === "") return;
  // the text may be a name itself, of a link to a directory
  const { target } = resolve(text);
  if (target === directory + parts.rest) return;
  add("==", target);
  add("startswith", target.endsWith("/") ? target : `${target}/`);
}

function addGlob(pattern: string, resolve: ResolveName, add: Add): void {
  let literal = "";
  // where in the pattern the literal's last slash ends
  let cut = 0;
  let directory = "";
  let at = 0;
  for (; at < pattern.length; at++) {
    let character = pattern[at] as string;
    if (character === "\\") character = pattern[++at] ?? "";
    else if (hasGlobSpecial(character)) break;
    literal += character;
    if (character !== "/") continue;
    cut = at + 1;
    directory = literal;
  }
  if (!literal.startsWith("/")) return;
  if (at >= pattern.length) {
    addWhole(literal, resolve, add);
    return;
  }
  const resolved = resolveDirectory(directory, resolve);
  if (resolved === directory) return;
  add("matches", literalGlob(resolved) + pattern.slice(cut));
}

function addRegex(text: string, resolve: ResolveName, add: Add): void {
  for (const { literal, rest } of anchoredPrefix(text)) {
    if (rest === "$" && literal.startsWith("/")) {
      addWhole(literal, resolve, add);
      continue;
    }
    const parts = split(literal);
    if (parts === undefined) continue;
    const directory = resolveDirectory(parts.directory, resolve);
    if (directory === parts.directory) continue;
    add("=~", `^${quote(directory + parts.rest)}${rest}`);
  }
}

function quote(literal: string): string {
  return literal.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/** Braces make many patterns of one; more are not taken apart. */
const MOST_PATTERNS = 256;

/** `/{a,b}/*` as `/a/*` and `/b/*`, so that each has a beginning of its own. */
function expandBraces(pattern: string): readonly string[] {
  // what `**` means depends on what stands beside it
  if (/[{,]\*\*|\*\*[},]/.test(pattern)) return [pattern];
  let patterns: readonly string[] = [pattern];
  while (patterns.some((one) => findOutside(one, 0, "{") >= 0)) {
    const next = patterns.flatMap(expandFirst);
    if (next.length > MOST_PATTERNS) return [pattern];
    patterns = next;
  }
  return patterns;
}

function expandFirst(pattern: string): readonly string[] {
  const open = findOutside(pattern, 0, "{");
  if (open < 0) return [pattern];
  const items: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < pattern.length; at = nextAt(pattern, at)) {
    const character = pattern[at];
    if (character === "{") depth++;
    else if (character === "}" && --depth === 0) {
      items.push(pattern.slice(start, at));
      return items.map((item) => pattern.slice(0, open) + item + pattern.slice(at + 1));
    } else if (character === "," && depth === 1) {
      items.push(pattern.slice(start, at));
      start = at + 1;
    }
  }
  return [pattern];
}

function findOutside(pattern: string, from: number, wanted: string): number {
  for (let at = from; at < pattern.length; at = nextAt(pattern, at))
    if (pattern[at] === wanted) return at;
  return -1;
}

/** Behind the piece of a glob at a place: a class and an escaped character are one. */
function nextAt(pattern: string, at: number): number {
  if (pattern[at] === "\\") return at + 2;
  if (pattern[at] !== "[") return at + 1;
  let end = at + 1;
  if (pattern[end] === "!" || pattern[end] === "^") end++;
  if (pattern[end] === "]") end++;
  while (end < pattern.length && pattern[end] !== "]") end += pattern[end] === "\\" ? 2 : 1;
  return end + 1;
}

export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096)
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
