/** Columns that a text takes: code points, as no terminal agrees with another on more. */
export function columnsOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Least room for words; on a narrower screen the terminal breaks lines as it can. */
const LEAST = 20;

/**
 * `head` and the words of `text` in lines of at most `width` columns, those behind the first under the beginning of the
 * text, or `indent` columns in. Without a width it is one line.
 */
export function wrapWords(
  head: string,
  text: string,
  width: number | undefined,
  indent = columnsOf(head),
): string {
  if (width === undefined || width - indent < LEAST) return head + text;
  const lines: string[] = [];
  let line = head;
  let used = columnsOf(head);
  let isFresh = true;
  for (const word of text.split(" ")) {
    const size = columnsOf(word);
    if (!isFresh && used + 1 + size > width) {
      lines.push(line);
      line = " ".repeat(indent) + word;
      used = indent + size;
    } else {
      line += isFresh ? word : ` ${word}`;
      used += size + (isFresh ? 0 : 1);
    }
    isFresh = false;
  }
  return [...lines, line].join("\n");
}
