/** What docs/language.md says of words of the language: rows of its tables, by the words in their first cell. */
import { readFileSync } from "node:fs";

const ROW = /^\| (`.*?`) \| (.*) \|$/gm;
const CODE = /`([^`]+)`/g;
const WORD = /[A-Za-z_]{2,}/g;
/** `[below](#descriptors)` leads nowhere in an editor. */
const LINK = /\[([^\]]+)\]\([^)]+\)/g;

export interface ManualRow {
  /** The first cell, as it stands. */
  readonly head: string;
  readonly text: string;
}

/** The first row in which a word stands counts. */
export function manualWords(page: string): ReadonlyMap<string, ManualRow> {
  const words = new Map<string, ManualRow>();
  for (const { 1: head = "", 2: text = "" } of page.matchAll(ROW)) {
    const row = { head, text: text.replace(LINK, "$1") };
    for (const { 1: code = "" } of head.matchAll(CODE))
      for (const [word] of code.matchAll(WORD)) if (!words.has(word)) words.set(word, row);
  }
  return words;
}

let ofLanguage: ReadonlyMap<string, ManualRow> | undefined;

/** Of the page that is in the package. Nothing is known of words where it cannot be read. */
export function manualRow(word: string): ManualRow | undefined {
  ofLanguage ??= manualWords(readPage());
  return ofLanguage.get(word);
}

function readPage(): string {
  try {
    return readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");
  } catch {
    return "";
  }
}
