/** Tokens and comments → lines. Line breaks of the author stay inside of lists and expressions; blocks have their own. */
import type { Token } from "../parse/lexer.ts";
import { type Comment, type Gap, gapBetween } from "./comments.ts";
import type { Line } from "./lines.ts";
import type { ShapeOfTree } from "./shape.ts";

interface Bracket {
  /** A block has entries, anything else one expression or list. */
  readonly isBlock: boolean;
  /** Its content has lines of its own. */
  readonly isBroken: boolean;
  /** Level of the line in which it opens. */
  readonly level: number;
}

const CLOSING: ReadonlySet<string> = new Set([")", "]", "}"]);
const CLOSE_BEHIND: ReadonlySet<string> = new Set(["(", "[", ".", ".."]);
const CLOSE_BEFORE: ReadonlySet<string> = new Set([",", ";", ")", "]", "[", ".", ".."]);
/** Behind the numbers of entries that are written without spaces. */
const TIGHT: ReadonlySet<string> = new Set(["/", "+", "%"]);
/** No line begins with one of these. */
const UNBROKEN_BEFORE: ReadonlySet<string> = new Set(["{", "=", ",", ";"]);
/** What stands before a column: an entry, or an item with its name. */
const MOST_OF_HEAD = 2;
const HEAD = /^\w+(?: \w+)?$/;
const BRACED_HEADS = /^(?:define|list|read|write|execute|attributes|connect|listen|unix) /;

const isMark = (token: Token | undefined, text: string): boolean =>
  token?.kind === "punctuation" && token.text === text;

/** Ends of brackets by their beginnings, as offsets. */
function pairsOf(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (const { kind, text, start } of tokens) {
    if (kind !== "punctuation") continue;
    if (text === "{" || text === "(" || text === "[") open.push(start);
    else if (CLOSING.has(text)) pairs.set(open.pop() ?? start, start);
  }
  return pairs;
}

export class LayOut {
  readonly lines: Line[] = [];
  readonly #text: string;
  readonly #shape: ShapeOfTree;
  readonly #pairs: ReadonlyMap<number, number>;
  readonly #open: Bracket[] = [];
  #line: Line | undefined;
  #before: Token | undefined;
  /** The next brace is that of such a block. */
  #block: "tall" | "flat" | undefined;
  /** Something ends the line: a comment. */
  #mustBreak = false;
  /** Lines of the item that is being written; more than one: a blank line follows it. */
  #itemFrom = 0;
  #tightUntil = 0;
  #nextTight = 0;

  constructor(text: string, tokens: readonly Token[], shape: ShapeOfTree) {
    this.#text = text;
    this.#shape = shape;
    this.#pairs = pairsOf(tokens);
    let at = 0;
    for (const token of tokens) {
      const gap = gapBetween(text, at, token.start);
      const isItem = shape.items.has(token.start);
      const isApart = isItem && this.#isApart(token);
      this.#comments(gap, isApart, this.#beginsLine(token));
      at = token.end;
      // it says nothing where each entry has a line
      if (isMark(token, ";") && (this.#top?.isBlock ?? true)) continue;
      this.#token(token, gap, isApart);
      if (isItem) this.#itemFrom = this.lines.length;
    }
    this.#comments(gapBetween(text, at, text.length), false, true);
  }

  get #top(): Bracket | undefined {
    return this.#open.at(-1);
  }

  /** Whether a blank line stands before the item, or before the comments above it. */
  #isApart(token: Token): boolean {
    if (this.#before === undefined) return false;
    return this.lines.length > this.#itemFrom || this.#shape.tall.has(token.start);
  }

  /** `isAtEnd`: what follows begins a line in any case. */
  #comments({ comments, breaks }: Gap, isApart: boolean, isAtEnd: boolean): void {
    let isFirst = isApart;
    for (const [i, comment] of comments.entries()) {
      const behind = comments[i + 1]?.breaks ?? (isAtEnd ? Math.max(breaks, 1) : breaks);
      const isBeside = comment.breaks === 0 && this.#line !== undefined && !this.#mustBreak;
      if (isBeside) this.#beside(comment, behind > 0);
      else {
        this.#begin(this.#inside(), comment.breaks > 1 || isFirst, true);
        this.#append(comment.text, false);
        isFirst = false;
      }
      this.#mustBreak ||= comment.isLine || behind > 0;
    }
  }

  #beside(comment: Comment, endsLine: boolean): void {
    if (this.#line !== undefined && (comment.isLine || endsLine)) this.#line.comment = comment;
    else this.#append(comment.text, true);
  }

  /** Level of a line in the innermost bracket. */
  #inside(): number {
    return this.#top === undefined ? 0 : this.#top.level + 1;
  }

  #token(token: Token, gap: Gap, isApart: boolean): void {
    const isClosing = token.kind === "punctuation" && CLOSING.has(token.text);
    if (this.#line === undefined || this.#mustBreak || this.#breaks(token, gap, isClosing)) {
      const isCommented = gap.comments.some(({ breaks }) => breaks > 0);
      const isBlank = gap.breaks > 1 || (isApart && !isCommented);
      this.#begin(this.#levelOf(token, isClosing), isBlank && !isClosing);
    } else this.#setHead(token, gap);
    this.#append(token.text, this.#isSpaced(token));
    this.#mustBreak = false;
    this.#bracket(token, isClosing);
    this.#before = token;
  }

  #levelOf({ start }: Token, isClosing: boolean): number {
    if (isClosing) return this.#top?.level ?? 0;
    const isContinued =
      (this.#top?.isBlock ?? true) &&
      !this.#shape.entries.has(start) &&
      !this.#shape.items.has(start);
    return this.#inside() + (isContinued ? 1 : 0);
  }

  /** In whatever way it was written. */
  #beginsLine(token: Token): boolean {
    const { items, entries } = this.#shape;
    if (items.has(token.start)) return true;
    const isFirstOrLast = isMark(token, "}") || isMark(this.#before, "{");
    return (isFirstOrLast || entries.has(token.start)) && this.#top?.isBroken === true;
  }

  #breaks(token: Token, gap: Gap, isClosing: boolean): boolean {
    const { items, entries } = this.#shape;
    if (this.#beginsLine(token)) return true;
    if (gap.breaks === 0 || entries.has(token.start)) return false;
    if (isMark(token, "}") || isMark(this.#before, "{")) return false;
    if (isClosing) return true;
    const before = this.#before;
    const isHead = before !== undefined && (entries.has(before.start) || items.has(before.start));
    if (isHead || isMark(before, "=")) return false;
    // behind an opening bracket no space stands, and a line may end
    if (!this.#isSpaced(token) && !isMark(before, "(") && !isMark(before, "[")) return false;
    return !(token.kind === "punctuation" && UNBROKEN_BEFORE.has(token.text));
  }

  /** Whether a space stands before the token. */
  #isSpaced(token: Token): boolean {
    const before = this.#before;
    if (before === undefined) return false;
    if (before.kind === "punctuation" && CLOSE_BEHIND.has(before.text)) return false;
    if (this.#shape.unary.has(before.start) && before.kind === "punctuation") return false;
    if (token.kind === "punctuation" && CLOSE_BEFORE.has(token.text)) return false;
    if (isMark(token, "(")) return !this.#shape.callees.has(before.start);
    if (!this.#isTight(token)) return true;
    const isJoint = (one: Token): boolean => one.kind === "punctuation" && TIGHT.has(one.text);
    return !(isJoint(token) || (isJoint(before) && token.kind !== "word") || isMark(before, "/"));
  }

  #isTight({ start }: Token): boolean {
    const { tight } = this.#shape;
    while ((tight[this.#nextTight]?.start ?? start + 1) <= start)
      this.#tightUntil = tight[this.#nextTight++]?.end ?? 0;
    return start < this.#tightUntil;
  }

  #setHead(token: Token, { isWide }: Gap): void {
    const line = this.#line;
    if (line === undefined || line.head !== undefined || this.#top?.isBlock === false) return;
    if (line.tokens > MOST_OF_HEAD || !HEAD.test(line.text)) return;
    const isHead = isMark(token, "=") || (isMark(token, "{") && BRACED_HEADS.test(`${line.text} `));
    if (isHead) line.head = { width: line.text.length, isWide };
  }

  #bracket(token: Token, isClosing: boolean): void {
    const { start, text } = token;
    if (this.#shape.tall.has(start)) this.#block = "tall";
    else if (this.#shape.flat.has(start)) this.#block = "flat";
    if (isClosing) this.#open.pop();
    else if (isMark(token, "{") || isMark(token, "(") || isMark(token, "[")) {
      const block = text === "{" ? this.#block : undefined;
      if (text === "{") this.#block = undefined;
      const isBroken = text === "{" && this.#isBroken(token, block === "tall");
      const level = this.#line?.level ?? 0;
      this.#open.push({ isBlock: block !== undefined, isBroken, level });
    }
  }

  #isBroken({ start, end }: Token, isTall: boolean): boolean {
    const content = this.#text.slice(end, this.#pairs.get(start) ?? end);
    return content.trim() !== "" && (isTall || content.includes("\n"));
  }

  #begin(level: number, isBlank: boolean, isComment = false): void {
    // no blank line at the beginning of a file or a block
    const last = this.lines.at(-1);
    const isAfterBlank = isBlank && last !== undefined && !this.#isFirstInside();
    this.#line = { level, isAfterBlank, isComment, text: "", tokens: 0 };
    this.lines.push(this.#line);
  }

  #isFirstInside(): boolean {
    return isMark(this.#before, "{") && !this.#mustBreak;
  }

  #append(text: string, isSpaced: boolean): void {
    if (this.#line === undefined) return;
    const joint = isSpaced && this.#line.text !== "" ? " " : "";
    this.#line.text += joint + text;
    this.#line.tokens++;
  }
}
