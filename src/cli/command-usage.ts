/** Help text of a command, and what help texts are laid out with. */
import { calledAs } from "./called-as.ts";
import { type CliCommand, helpOption } from "./command.ts";

/** Columns of help texts; lines that are to be typed are as long as they are. */
const WIDTH = 80;

export function commandUsage(name: string, command: CliCommand): string {
  const options = [...command.options, helpOption].map((option): readonly [string, string] => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    const value = option.value === undefined ? "" : ` ${option.value}`;
    return [`${short}--${option.name}${value}`, option.help];
  });
  const subcommands = command.subcommands?.map(
    ({ name: subcommand, help }): readonly [string, string] => [subcommand, help],
  );
  const head = ["Usage:", ...calledAs(name).split(" "), ...(command.usage.match(USAGE_WORD) ?? [])];
  return `${fill(head, " ".repeat("Usage: sct ".length))}
${fill(wordsOf(command.about), "")}
${subcommands === undefined ? "" : `\nCommands:\n${table(subcommands)}\n`}
Options:
${table(options)}

${command.examples.length > 1 ? "Examples" : "Example"}:
${command.examples.map((line) => `  ${line}`).join("\n")}
`;
}

export function table(rows: readonly (readonly [string, string])[], least = 0): string {
  const width = Math.max(least, ...rows.map(([left]) => left.length + 2));
  const indent = " ".repeat(width + 2);
  return rows
    .map(([left, right]) => fill([`  ${left.padEnd(width - 1)}`, ...wordsOf(right)], indent))
    .join("\n");
}

/** `[-f FILE]...` stays together. */
const USAGE_WORD = /\[[^\]]*\]\S*|\S+/g;

/** What stands in quotes stays together too, if it is a command of a few words. */
export const wordsOf = (text: string): readonly string[] =>
  text.match(/(?<![^\s(])'[^'\s]+(?:\s[^'\s]+){1,3}'\S*|\S+/g) ?? [];

/** Lines of at most WIDTH columns, those behind the first with an indent. */
export function fill(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = "";
  words.forEach((word, i) => {
    const text = word.replace(/\n/g, " ");
    if (i === 0) line = text;
    else if (line.length + 1 + text.length <= WIDTH) line += ` ${text}`;
    else {
      lines.push(line);
      line = indent + text;
    }
  });
  return [...lines, line].join("\n");
}
