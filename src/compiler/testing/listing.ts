/** A part of a disassembled program, so written that code elsewhere in the program does not change it. */

export interface ListedPart {
  readonly text: string;
  readonly instructions: number;
}

const SLOT = /^ *(\d+): /;
const LABEL = /\b([a-z][a-z0-9_]*)\.(\d+)\b/g;

/**
 * From the label that is named `from` to the one that is named `to`, without these. Slots are counted from the beginning
 * of the part, and the numbers of labels in the order in which they appear.
 */
export function partOfListing(listing: string, from: string, to: string): ListedPart {
  const lines = listing.split("\n");
  const begin = lines.findIndex((line) => nameOf(line) === from) + 1;
  const end = lines.findIndex((line, i) => i >= begin && nameOf(line) === to);
  if (begin === 0 || end < 0) throw new Error(`no part from ${from} to ${to}:\n${listing}`);
  const part = lines.slice(begin, end);
  const first = Number(SLOT.exec(part.find((line) => SLOT.test(line)) ?? "")?.[1]);
  const numbers = new Map<string, number>();
  const text = part
    .map((line) => line.replace(SLOT, (_, slot) => `${String(Number(slot) - first).padStart(4)}: `))
    .map((line) => (line.startsWith("  ;") ? line : line.replace(LABEL, renumbered)));
  function renumbered(_: string, name: string, number: string): string {
    const known = numbers.get(number) ?? numbers.size + 1;
    numbers.set(number, known);
    return `${name}.${known}`;
  }
  return {
    text: text.map((line) => `${line}\n`).join(""),
    instructions: part.filter((line) => SLOT.test(line)).length,
  };
}

/** Name of the label in a line, without the number that makes it unique or the call that it belongs to. */
function nameOf(line: string): string | undefined {
  const label = /^(\S+):$/.exec(line)?.[1];
  return label?.replace(/^(x86_64|i386)\.\d+\./, "").replace(/\.\d+$/, "");
}
