/** One command, from its arguments to an exit code. */
import { parseArguments } from "./arguments.ts";
import { calledAs } from "./called-as.ts";
import type { CliCommand } from "./command.ts";
import { commandUsage } from "./command-usage.ts";
import { reportError } from "./errors.ts";
import { ExitCode } from "./exit-codes.ts";
import { startsCommand } from "./starts-command.ts";
import { version } from "./version.ts";

/** Carries the command out, or reports why it failed. Returns the exit code. */
export async function carryOut(
  name: string,
  command: CliCommand,
  words: readonly string[],
): Promise<number> {
  const failed = (error: unknown): number => {
    const code = reportError(error, calledAs(name), asksForAll(command, words));
    return command.failure ?? code;
  };
  // what nobody waits for any more
  process.on("uncaughtException", (error) => process.exit(failed(error)));
  try {
    if (command.runWords !== undefined) return await command.runWords(words);
    return await runCommand(name, command, words);
  } catch (error) {
    return failed(error);
  }
}

async function runCommand(
  name: string,
  command: CliCommand,
  words: readonly string[],
): Promise<ExitCode> {
  const end = words.indexOf("--");
  const options = end < 0 ? words : words.slice(0, end);
  if (asksForHelp(options)) return print(commandUsage(name, command));
  // the user's command may have such an option of its own
  if (!startsCommand(name) && options.includes("--version")) return printVersion();
  return command.run(parseArguments(words, command));
}

/** `-v` of the commands that have it; the option may stand where an error keeps the rest from being read. */
function asksForAll({ options }: CliCommand, words: readonly string[]): boolean {
  if (!options.some(({ name }) => name === "verbose")) return false;
  return words.includes("-v") || words.includes("--verbose");
}

export function asksForHelp(options: readonly string[]): boolean {
  return options.includes("--help") || options.includes("-h");
}

export const printVersion = (): ExitCode => print(`sct ${version()}\n`);

export function print(text: string): ExitCode {
  process.stdout.write(text);
  return ExitCode.good;
}
