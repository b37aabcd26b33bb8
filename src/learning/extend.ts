/** What a policy lacks, as entries for its lists, and the text of its file with them. */
import { sourcePlace } from "../base/position.ts";
import type { SourceFile, Span } from "../base/span.ts";
import type { PolicyPart, PolicyRight } from "../language/checked/index.ts";
import { decidingFile } from "../language/index.ts";
import { type NotProposed, propose } from "./propose.ts";
import { entryLine, entryText } from "./text.ts";
import type { SeenUse } from "./use.ts";

export interface AddedEntry {
  readonly policy: string;
  readonly right: PolicyRight;
  /** `file:line` of the list. */
  readonly at: string;
  /** The entry alone. */
  readonly text: string;
  /** As it stands in a file: the entry, a comma, and its evidence as a comment. */
  readonly line: string;
  readonly list: Span;
}

/** `parts`: of one policy. What it takes away by `not` is not proposed. */
export function addedEntries(
  parts: readonly PolicyPart[],
  seen: readonly SeenUse[],
  home: string,
): { readonly entries: readonly AddedEntry[]; readonly notProposed: readonly NotProposed[] } {
  const byRight = new Map(parts.map((part) => [part.right, part]));
  const denied: NotProposed[] = [];
  const uses = seen.filter((use) => {
    const last = decidingFile(byRight.get(use.right)?.files ?? [], use.name);
    if (last?.negated === true) {
      denied.push({ use, why: "the policy takes it away by `not`" });
      return false;
    }
    // what Landlock asks for besides is new only where the list lacks it; a name that is made needs more than to be allowed
    return last === undefined || use.isNamed;
  });
  const { lists, notProposed } = propose(uses, { home });
  const entries = lists.flatMap(({ right, entries: own }) => {
    const part = byRight.get(right);
    if (part === undefined) return [];
    const at = sourcePlace(part.list);
    return own.map((entry): AddedEntry => {
      const { policy, list } = part;
      const text = entryText(right, entry);
      return { policy, right, at, text, line: entryLine(right, entry), list };
    });
  });
  return { entries, notProposed: [...denied, ...notProposed] };
}

/** The text of the file with the entries at the end of their lists. Lists of other files stay as they are. */
export function withEntries(text: string, file: SourceFile, added: readonly AddedEntry[]): string {
  const byList = Map.groupBy(
    added.filter(({ list }) => list.file === file),
    ({ list }) => list.start,
  );
  const lists = [...byList].toSorted(([a], [b]) => b - a);
  return lists.reduce((whole, [, entries]) => {
    const [first] = entries;
    const lines = entries.map(({ line }) => line);
    return first === undefined ? whole : withLines(whole, first.list, lines);
  }, text);
}

/** The text with the lines at the end of the list, which stands in it from its name to its brace. */
export function withLines(text: string, list: Span, lines: readonly string[]): string {
  const end = list.end - 1;
  const own = text.slice(list.start, end);
  const at = list.start + endOfMembers(own);
  const comma = needsComma(own.slice(0, endOfMembers(own))) ? "," : "";
  const gap = text.slice(at, end).trimEnd();
  const added = lines.map((line) => `    ${line}\n`).join("");
  return `${text.slice(0, at)}${comma}${gap}\n${added}  ${text.slice(end)}`;
}

/** Comments and white space behind the last member do not count; texts have their own quotes. */
function endOfMembers(list: string): number {
  let end = 0;
  for (const token of list.matchAll(TOKENS)) {
    const [found] = token;
    if (!/^(?:\s|#|\/\/|\/\*)/.test(found)) end = token.index + found.length;
  }
  return end;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+|[^\s"#/]+|\//g;

const needsComma = (members: string): boolean => !/[{,]$/.test(members);
