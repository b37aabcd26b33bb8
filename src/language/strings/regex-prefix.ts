/** How the texts begin that a regular expression matches, where it says so. */

export interface AnchoredPrefix {
  /** What the text begins with, one byte a character. */
  readonly literal: string;
  /** The expression behind it. */
  readonly rest: string;
}

const QUANTIFIERS = "*+?{";
const SPECIAL = ".[(){*+?|)$^";

/** One for each alternative of the whole expression that begins with `^`. */
export function anchoredPrefix(expression: string): readonly AnchoredPrefix[] {
  return branchesOf(expression)
    .filter((branch) => branch.startsWith("^"))
    .map((branch) => prefixOf(branch.slice(1)));
}

function prefixOf(branch: string): AnchoredPrefix {
  let literal = "";
  let at = 0;
  while (at < branch.length) {
    const isEscaped = branch[at] === "\\";
    const character = branch[isEscaped ? at + 1 : at] ?? "";
    // letters and digits behind a backslash are classes and the like
    if (isEscaped ? /^[A-Za-z0-9]?$/.test(character) : SPECIAL.includes(character)) break;
    const next = at + (isEscaped ? 2 : 1);
    if (QUANTIFIERS.includes(branch[next] ?? "\0")) {
      // it may be there or not; beyond ASCII all bytes of a character are meant
      while (character >= "\x80" && (literal.at(-1) ?? "") >= "\x80") {
        literal = literal.slice(0, -1);
        at--;
      }
      break;
    }
    literal += character;
    at = next;
  }
  return { literal, rest: branch.slice(at) };
}

/** The alternatives of the expression as a whole. */
function branchesOf(expression: string): readonly string[] {
  const branches: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < expression.length; at++) {
    const character = expression[at];
    if (character === "\\") at++;
    else if (character === "[") at = classEnd(expression, at);
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "|" && depth === 0) {
      branches.push(expression.slice(start, at));
      start = at + 1;
    }
  }
  return [...branches, expression.slice(start)];
}

/** Where the `]` of a class is that begins at a place. */
function classEnd(expression: string, start: number): number {
  let at = start + 1;
  if (expression[at] === "^") at++;
  if (expression[at] === "]") at++;
  for (; at < expression.length && expression[at] !== "]"; at++) {
    if (expression[at] === "\\") at++;
    else if (expression.startsWith("[:", at)) {
      const end = expression.indexOf(":]", at + 2);
      if (end >= 0) at = end + 1;
    }
  }
  return at;
}
