/** From the command line to an exit code. */
import { nearest } from "../language/suggest.ts";
import { calledAs } from "./called-as.ts";
import { carryOut, print, printVersion } from "./carry-out.ts";
import { commandUsage } from "./command-usage.ts";
import { commands } from "./commands.ts";
import { reportError, UsageError } from "./errors.ts";
import type { ExitCode } from "./exit-codes.ts";
import { startsCommand } from "./starts-command.ts";
import { programUsage } from "./usage.ts";

export async function runProgram(argv: readonly string[]): Promise<number> {
  const [name, ...words] = await withBytes(argv);
  try {
    const command = name === undefined ? undefined : await commands.get(name)?.load();
    if (name !== undefined && command !== undefined) return await carryOut(name, command, words);
    return await answer(name, words);
  } catch (error) {
    // what is no command has no help of its own
    return reportError(error, name === undefined || !commands.has(name) ? "sct" : calledAs(name));
  }
}

/** Loads what it takes only where something is not UTF-8. `sct run` reads the bytes of its command by itself. */
async function withBytes(argv: readonly string[]): Promise<readonly string[]> {
  if (startsCommand(argv[0]) || !argv.some((argument) => argument.includes("\ufffd"))) return argv;
  return (await import("./exact-arguments.ts")).exactArguments(argv);
}

/** What is no command of this version. */
async function answer(name: string | undefined, words: readonly string[]): Promise<ExitCode> {
  if (name === undefined) throw new UsageError("a command is missing");
  if (name === "--help" || name === "-h" || name === "help") return help(words[0]);
  if (name === "--version" || name === "-V") return printVersion();
  throw new UsageError(whyNot(name));
}

async function help(name: string | undefined): Promise<ExitCode> {
  if (name === undefined) return print(programUsage());
  const command = await commands.get(name)?.load();
  if (command !== undefined) return print(commandUsage(name, command));
  throw new UsageError(whyNot(name));
}

/** What other tools call them. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ["start", "load"],
  ["stop", "unload"],
  ["restart", "load"],
  ["ps", "suspended"],
  ["rules", "config download"],
  ["list", "config download"],
  ["reload", "config replace"],
  ["upload", "config upload"],
  ["tail", "log -f"],
  ["logs", "log"],
  ["exec", "run"],
  ["lint", "check"],
  ["validate", "check"],
]);

function whyNot(name: string): string {
  if (name.startsWith("-")) return `unknown option '${name}'`;
  const meant = MEANT.get(name) ?? nearest(name, commands.keys());
  return `unknown command '${name}'${meant === undefined ? "" : `, did you mean '${meant}'?`}`;
}
