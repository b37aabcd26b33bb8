/** What a word means: calls and classes by the tables of Linux, constants by their value, all else by the manual. */
import type { Hover } from "vscode-languageserver";
import type { Span } from "../base/span.ts";
import type { CheckedRule } from "../language/index.ts";
import { formatCallInfo, formatClass, vocabulary } from "../linux/index.ts";
import { nameAt } from "./names.ts";
import { editorRange } from "./ranges.ts";
import type { RuleDocument } from "./rule-document.ts";
import { manualRow } from "./words-of-manual.ts";

const WORD = /@?[A-Za-z_][A-Za-z0-9_]*/y;
/** Words are shorter. */
const FARTHEST = 80;

interface Word {
  readonly text: string;
  readonly start: number;
}

function wordAt(text: string, offset: number): Word | undefined {
  let start = offset;
  while (start > 0 && offset - start < FARTHEST && /[A-Za-z0-9_@]/.test(text[start - 1] ?? ""))
    start--;
  WORD.lastIndex = start;
  const [found] = WORD.exec(text) ?? [];
  return found === undefined ? undefined : { text: found, start };
}

/** Values of the caller come from strangers only in files; this text is of the package, or of the file itself. */
function meaningOf(document: RuleDocument, { text, start }: Word): string | undefined {
  const given = nameAt(document, start);
  const definition = given?.places.find(({ isDefinition }) => isDefinition);
  if (definition !== undefined) return definitionText(document, definition.span);
  const ofLinux = formatCallInfo(text) ?? formatClass(text);
  if (ofLinux !== undefined) return fenced(ofLinux);
  const value = vocabulary.constant(text) ?? errnoOf(text);
  if (value !== undefined) return `\`${text}\` = ${value} (0x${value.toString(16)})`;
  const row = manualRow(text);
  return row === undefined ? undefined : `${row.head}: ${row.text}`;
}

function errnoOf(text: string): bigint | undefined {
  const errno = vocabulary.errno(text);
  return errno === undefined ? undefined : BigInt(errno);
}

/** The item that gives the name, as it is written. */
function definitionText({ result }: RuleDocument, at: Span): string | undefined {
  const items = result.ast.find((tree) => tree.file === at.file)?.items ?? [];
  const item = items.find(({ span }) => span.start <= at.start && at.start < span.end);
  if (item === undefined) return undefined;
  const { file, start, end } = item.span;
  return fenced(file.text.slice(start, end));
}

/** As it stands: no text of a file can end its fence. */
function fenced(text: string): string {
  return `~~~~~~text\n${text.replaceAll("~~~~~~", "~~~~~").trim()}\n~~~~~~`;
}

/** Text for people, of one rule on this machine. */
export type ExplainRule = (rule: CheckedRule) => Promise<string>;

/** The rule whose `rule`, name or type of an action begins there. */
function explainedRule({ file, result }: RuleDocument, at: number): CheckedRule | undefined {
  const tree = result.ast.find((one) => one.file === file);
  const item = tree?.items.find(({ span }) => span.start <= at && at < span.end);
  if (item?.kind !== "rule") return undefined;
  const words = item.entries.flatMap((entry): Span[] => {
    if (entry.kind === "rule_name") return [entry.value.span];
    if (entry.kind !== "action") return [];
    return entry.entries.flatMap((part) => (part.kind === "type" ? [part.value.span] : []));
  });
  const isExplained = at === item.span.start || words.some(({ start }) => start === at);
  const rules = result.ruleSet?.rules ?? [];
  return isExplained ? rules.find(({ span }) => span.start === item.span.start) : undefined;
}

export async function hoverAt(
  document: RuleDocument,
  offset: number,
  explainRule: ExplainRule,
): Promise<Hover | undefined> {
  const { file } = document;
  const word = wordAt(file.text, offset);
  if (word === undefined) return undefined;
  const rule = explainedRule(document, word.start);
  const value = rule === undefined ? meaningOf(document, word) : fenced(await explainRule(rule));
  if (value === undefined) return undefined;
  const { start, text } = word;
  return {
    contents: { kind: "markdown", value },
    range: editorRange({ file, start, end: start + text.length }),
  };
}
