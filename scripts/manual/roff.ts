/** Text for the macros of man(7): what is literal stays literal, whatever roff would make of it. */

/** `NAME(SECTION)`, bold as references are. */
export function reference(page: string, section: number): string {
  return `\\fB${literal(page)}\\fR(${section})`;
}

/** Text of a line, all characters as they are: hyphens to copy, no escapes. */
export function literal(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replace(/[^\n -~]/gu, special);
}

/** Text of a sentence: hyphens between words may stay hyphens. */
export function prose(text: string): string {
  return literal(text).replace(/(?<=[a-z])\\-(?=[a-z])/g, "-");
}

function special(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}

/** Lines to fill; none of them can be taken for a macro. */
export function lines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join("\n");
}

/** Lines to show as they stand. */
export function example(text: string): string {
  const shown = text
    .split("\n")
    .map((line) => (/^[.']/.test(line) ? `\\&${literal(line)}` : literal(line)));
  // roff ends an example with an empty line itself
  return `.PP\n.in +4n\n.EX\n${shown.join("\n").trimEnd()}\n.EE\n.in`;
}

/** A term and what it means. Both are roff already. */
export function tagged(term: string, description: string): string {
  return `.TP\n${lines(term)}\n${lines(description)}`;
}

export function page(
  name: string,
  section: number,
  summary: string,
  version: string,
  body: string,
): string {
  return `.\\" Written by 'npm run generate:man' from the sources of syscalltrack; changes here are lost.
.TH ${name.toUpperCase().replaceAll("-", "\\-")} ${section} "${RELEASE_DATE}" "syscalltrack ${version}"
.SH NAME
${literal(name)} \\- ${prose(summary)}
${body.trim().replace(HEADED_PARAGRAPH, "$1")}
`;
}

/** A heading begins a paragraph itself. */
const HEADED_PARAGRAPH = /^(\.S[HS] .*\n)\.PP\n/gm;

/** Of this version: pages are the same whenever they are written. */
export const RELEASE_DATE = "2026-11-23";
