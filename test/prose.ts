/** Markdown pages as a reader sees them: blocks of prose, tables, code; and the sentences of the prose. */

export interface Block {
  readonly kind: "heading" | "prose" | "table" | "code";
  /** Number of its first line, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

const FENCE = /^\s*(```|~~~)/;
const LIST_ITEM = /^\s*([-*]|\d+\.)\s+/;

/** A paragraph or a list item is one block of prose; a fence with its content is one block of code. */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: { kind: Block["kind"]; line: number; lines: string[] }[] = [];
  let isCode = false;
  let isNew = true;
  for (const [index, text] of markdown.split("\n").entries()) {
    const begin = (kind: Block["kind"]): void => {
      blocks.push({ kind, line: index + 1, lines: [text] });
    };
    const add = (kind: Block["kind"]): void => {
      const last = blocks.at(-1);
      if (!isNew && last?.kind === kind) last.lines.push(text);
      else begin(kind);
      isNew = false;
    };
    if (FENCE.test(text)) {
      if (isCode) blocks.at(-1)?.lines.push(text);
      else begin("code");
      isCode = !isCode;
      isNew = true;
    } else if (isCode) blocks.at(-1)?.lines.push(text);
    else if (text.trim() === "") isNew = true;
    else if (/^#+ /.test(text)) {
      begin("heading");
      isNew = true;
    } else if (/^\s*\|/.test(text)) add("table");
    else {
      if (LIST_ITEM.test(text)) isNew = true;
      add("prose");
    }
  }
  return blocks;
}

/** Sentences of a block of prose. A piece of code counts as one word, a link as its text. */
export function sentencesOf(block: Block): readonly string[] {
  const text = block.lines
    .map((line) => line.trim())
    .join(" ")
    .replace(LIST_ITEM, "")
    .replace(/(`+)(?:.*?[^`])\1(?!`)/g, "CODE")
    .replace(
      /\[(.)([^\]]*)\]\([^)]*\)/g,
      (_, first: string, rest: string) => first.toUpperCase() + rest,
    )
    .replaceAll("**", "");
  return text.split(/(?<=[.!?:][)"*]*)\s+(?=[A-Z(*"'0-9])/).filter((sentence) => sentence !== "");
}

export function wordsOf(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}
