/** From the command line to an exit code. */
import { nearest } from "../language/suggest.ts";
import { parseArguments } from "./arguments.ts";
import { calledAs } from "./called-as.ts";
import type { Command } from "./command.ts";
import { commands, futureCommands } from "./commands.ts";
import { reportError, UsageError } from "./errors.ts";
import { ExitCode } from "./exit-codes.ts";
import { commandUsage, programUsage } from "./usage.ts";
import { version } from "./version.ts";

export async function runProgram(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = await withBytes(argv);
  let command: Command | undefined;
  const failed = (error: unknown): number => {
    const code = reportError(
      error,
      command === undefined || name === undefined ? "sct" : calledAs(name),
      command !== undefined && asksForAll(command, rest),
    );
    return command?.failure ?? code;
  };
  // what nobody waits for any more
  process.on("uncaughtException", (error) => process.exit(failed(error)));
  try {
    command = name === undefined ? undefined : await commands.get(name)?.load();
    return await dispatch(name, command, rest);
  } catch (error) {
    return failed(error);
  }
}

/** Loads what it takes only where something is not UTF-8. `sct run` reads the bytes of its command by itself. */
async function withBytes(argv: readonly string[]): Promise<readonly string[]> {
  if (argv[0] === "run" || !argv.some((argument) => argument.includes("\ufffd"))) return argv;
  return (await import("./exact-arguments.ts")).exactArguments(argv);
}

async function dispatch(
  name: string | undefined,
  command: Command | undefined,
  rest: readonly string[],
): Promise<ExitCode> {
  if (name === undefined) throw new UsageError("a command is missing");
  if (name === "--help" || name === "-h" || name === "help") return help(rest[0]);
  if (name === "--version" || name === "-V") return print(`sct ${version()}\n`);
  if (command === undefined) {
    const future = futureCommands.get(name);
    if (future !== undefined && asksForHelp(rest)) return print(future.help);
    throw new UsageError(whyNot(name));
  }
  const end = rest.indexOf("--");
  const options = end < 0 ? rest : rest.slice(0, end);
  if (asksForHelp(options)) return print(commandUsage(name, command));
  // a command of `sct run` may have such an option of its own
  if (name !== "run" && options.includes("--version")) return print(`sct ${version()}\n`);
  return command.run(parseArguments(rest, command));
}

/** `-v` of the commands that have it; the option may stand where an error keeps the rest from being read. */
function asksForAll({ options }: Command, words: readonly string[]): boolean {
  if (!options.some(({ name }) => name === "verbose")) return false;
  return words.includes("-v") || words.includes("--verbose");
}

function asksForHelp(options: readonly string[]): boolean {
  return options.includes("--help") || options.includes("-h");
}

async function help(name: string | undefined): Promise<ExitCode> {
  if (name === undefined) return print(programUsage());
  const command = await commands.get(name)?.load();
  if (command !== undefined) return print(commandUsage(name, command));
  const future = futureCommands.get(name);
  if (future === undefined) throw new UsageError(whyNot(name));
  return print(future.help);
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
  const future = futureCommands.get(name);
  if (future !== undefined) return `'${name}' is not available in this version: ${future.instead}`;
  if (name.startsWith("-")) return `unknown option '${name}'`;
  const meant = MEANT.get(name) ?? nearest(name, commands.keys());
  return `unknown command '${name}'${meant === undefined ? "" : `, did you mean '${meant}'?`}`;
}

function print(text: string): ExitCode {
  process.stdout.write(text);
  return ExitCode.good;
}
