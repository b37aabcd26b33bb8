/**
 * The Markdown that our documents use (headings, paragraphs, tables, lists, code) as a manual page, so that a page and
 * the document it comes from cannot disagree.
 */
import { example, lines, literal, prose, reference, tagged } from "./roff.ts";

/** Documents that are manual pages. */
const PAGES: ReadonlyMap<string, readonly [name: string, section: number]> = new Map([
  ["language.md", ["sct-rules", 5]],
  ["events.md", ["sct-events", 5]],
  ["configuration.md", ["syscalltrack.toml", 5]],
]);

/** Body of the page: sections from `## …` on; what stands before the first becomes DESCRIPTION. */
export function manualOf(markdown: string): string {
  const [, ...rest] = markdown.split("\n");
  return `.SH DESCRIPTION\n${partOf(rest.join("\n"))}`;
}

/** A part of a document, for a section of a page. */
export function partOf(markdown: string): string {
  return blocksOf(markdown.split("\n")).map(roffOf).join("\n");
}

type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "table"; readonly rows: readonly string[] }
  | { readonly kind: "items"; readonly items: readonly string[] }
  | { readonly kind: "text"; readonly text: string };

const ITEM = /^(?:-|\d+\.) /;

function blocksOf(input: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < input.length; ) {
    const start = at;
    const first = input[at] ?? "";
    const takeWhile = (isPart: (line: string) => boolean): readonly string[] => {
      while (at < input.length && isPart(input[at] ?? "")) at += 1;
      return input.slice(start, at);
    };
    if (first.trim() === "") at += 1;
    else if (first.startsWith("```")) {
      at = input.indexOf("```", at + 1) + 1;
      blocks.push({ kind: "code", text: input.slice(start + 1, at - 1).join("\n") });
    } else if (first.startsWith("#")) {
      at += 1;
      const [, marks = "", text = ""] = /^(#+) (.*)$/.exec(first) ?? [];
      blocks.push({ kind: "heading", level: marks.length, text });
    } else if (first.startsWith("|")) {
      blocks.push({ kind: "table", rows: takeWhile((line) => line.startsWith("|")) });
    } else if (ITEM.test(first)) {
      const taken = takeWhile((line) => ITEM.test(line) || line.startsWith("  "));
      blocks.push({ kind: "items", items: taken.join("\n").split(/\n(?=- |\d+\. )/) });
    } else {
      const isText = (line: string) => line.trim() !== "" && !/^(?:#|\||```)/.test(line);
      blocks.push({
        kind: "text",
        text: takeWhile((line) => isText(line) && !ITEM.test(line)).join("\n"),
      });
    }
  }
  return blocks;
}

function roffOf(block: Block): string {
  switch (block.kind) {
    case "heading":
      return block.level <= 2 ? `.SH ${prose(upperCase(block.text))}` : `.SS ${prose(block.text)}`;
    case "code":
      return example(block.text);
    case "table":
      // the rows behind the heading and its rule
      return block.rows.slice(2).map(rowOf).join("\n");
    case "items":
      return block.items
        .map((item) => `.IP \\(bu 2\n${lines(inline(item.replace(ITEM, "")))}`)
        .join("\n");
    case "text":
      return `.PP\n${lines(inline(block.text))}`;
  }
}

/** As headings of manual pages are; the name of a section of a file is what it is. */
function upperCase(heading: string): string {
  return heading.startsWith("[") ? heading : heading.toUpperCase();
}

/** The first cell is the term, the others say what it means. */
function rowOf(row: string): string {
  const cells = row.replace(/^\||\|$/g, "").split(/(?<!\\)\|/);
  const [term = "", ...rest] = cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
  return tagged(inline(term), rest.map(inline).join(" \\(em "));
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)/g;

function inline(text: string): string {
  let result = "";
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, label, target = ""] = match;
    result += prose(text.slice(end, match.index));
    if (code !== undefined) result += `\\fB${literal(code)}\\fR`;
    else if (strong !== undefined) result += `\\fB${prose(strong)}\\fR`;
    else result += link(label ?? "", target);
    end = match.index + whole.length;
  }
  return result + prose(text.slice(end));
}

function link(label: string, target: string): string {
  const [file = ""] = target.split("#");
  const known = PAGES.get(file);
  if (known !== undefined) return reference(...known);
  return label === target ? prose(label) : `${prose(label)} (${literal(target)})`;
}
