/** What may be written at an offset of a text that is not finished: found from the words and brackets before it. */
import { ITEMS, skipSpace, type Token, tokenAt } from "../language/index.ts";

export type OpenBlock =
  | "rule"
  | "action"
  | "policy"
  | "test"
  | "expression"
  | "names"
  | "log_format";

export interface PlaceInText {
  /** The innermost block; undefined: the top of the file. */
  readonly block: OpenBlock | undefined;
  /** Words and marks of the entry that is being written, without the word at the offset itself. */
  readonly before: readonly string[];
  /** The beginning of the word that is being written. */
  readonly word: string;
  /** Calls of the rule around, as they are written. */
  readonly calls: readonly string[];
}

/** A word before a brace, and the block that the brace opens. */
const OPENS: ReadonlyMap<string, OpenBlock> = new Map<string, OpenBlock>([
  ["rule", "rule"],
  ["action", "action"],
  ["policy", "policy"],
  ["test", "test"],
  ["filter_expression", "expression"],
  ["define", "expression"],
  ["list", "names"],
  ["log_format", "log_format"],
  ["rewrite", "expression"],
  ["as", "expression"],
  ...["read", "write", "execute", "attributes", "connect", "listen", "unix"].map(
    (word): [string, OpenBlock] => [word, "names"],
  ),
]);
/** A name follows. */
const NAMED: ReadonlySet<string> = new Set(["define", "list", "policy"]);
/** Blocks of entries. */
const BLOCKS: ReadonlySet<OpenBlock> = new Set<OpenBlock>(["rule", "action", "policy"]);
const ENTRY = /^\s*[={]/;
/** Words, and the space behind them, are shorter. */
const FARTHEST = 200;
const WORD_BEFORE = /[@%]?[A-Za-z0-9_.]*$/;

interface Open {
  readonly block: OpenBlock;
  before: string[];
}

export function placeInText(text: string, offset: number): PlaceInText {
  const word = WORD_BEFORE.exec(text.slice(Math.max(0, offset - FARTHEST), offset))?.[0] ?? "";
  const end = offset - word.length;
  const file = { name: "", text: text.slice(0, end) };
  const open: Open[] = [];
  let before: string[] = [];
  let calls: string[] = [];
  for (let at = skipSpace(file.text, 0); at >= 0 && at < end; ) {
    const token = tokenAt(file, at);
    const top = open.at(-1);
    if (token.text === "{" && token.kind === "punctuation") {
      const block = blockOf(before, top);
      if (block === "rule") calls = [];
      open.push({ block, before });
      before = [];
    } else if (token.text === "}" && token.kind === "punctuation") {
      before = [];
      open.pop();
    } else {
      if (beginsEntry(token, before, file.text, top)) before = [];
      before.push(token.text);
      if (top?.block === "rule" && before[0] === "syscall_name" && token.kind === "word")
        if (before.length > 1) calls.push(token.text);
    }
    at = skipSpace(file.text, token.end);
  }
  return { block: open.at(-1)?.block, before, word, calls };
}

function blockOf(before: readonly string[], top: Open | undefined): OpenBlock {
  const words = before.toReversed();
  for (const word of words) {
    const block = OPENS.get(word);
    if (block !== undefined) return block;
  }
  return top?.block ?? "expression";
}

/** In a block of entries: a word with `=` or a brace behind it, or the verbs of tests. */
function beginsEntry(
  token: Token,
  before: readonly string[],
  text: string,
  top: Open | undefined,
): boolean {
  if (token.kind === "punctuation") return token.text === ";";
  if (token.kind !== "word" || before.at(-1) === "=" || before.at(-1) === ",") return false;
  if (top === undefined) return ITEMS.includes(token.text) && !NAMED.has(before.at(-1) ?? "");
  if (top.block === "test") return token.text === "call" || token.text === "expect";
  return BLOCKS.has(top.block) && ENTRY.test(text.slice(token.end, token.end + FARTHEST));
}
