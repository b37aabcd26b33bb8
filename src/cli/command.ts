/** What a subcommand is: data for the parser, help text, manual pages and completion, and what it does. */
import type { ExitCode } from "./exit-codes.ts";

/** What a shell offers for a value: these words, or things of a kind. `rule` is the name of a loaded rule. */
export type Completion = readonly string[] | "file" | "directory" | "call" | "rule" | "command";

export interface Option {
  /** Long name without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Name of the value in the help text; absent: the option takes none. */
  readonly value?: string;
  /** What completes the value; FILE and DIR say it themselves. */
  readonly completes?: Completion;
  readonly help: string;
}

/** A first operand that decides what the others are, as in `sct config upload FILE`. */
export interface Subcommand {
  readonly name: string;
  readonly help: string;
  /** What completes the operands behind it. */
  readonly operands?: Completion;
}

export interface CliCommand {
  /** Behind the command's name: `[OPTION]... FILE...`. */
  readonly usage: string;
  /** Paragraph under the usage line. */
  readonly about: string;
  readonly options: readonly Option[];
  readonly subcommands?: readonly Subcommand[];
  /** What completes the operands. */
  readonly operands?: Completion;
  /** Lines that work as they stand. */
  readonly examples: readonly string[];
  /** What it exits with when the command line is wrong, or else it fails before it runs; absent: as all commands. */
  readonly failure?: number;
  run(args: CommandArguments): Promise<ExitCode>;
  /** In place of `run`, for a command whose words another program has given their meaning; gives the exit status. */
  runWords?(words: readonly string[]): Promise<number>;
}

/** Where the help text shows a command. */
export type CommandGroup = "now" | "service" | "rules" | "machine";

/** A command as `sct --help` knows it; the rest is loaded when it is used. */
export interface CommandEntry {
  readonly group: CommandGroup;
  readonly summary: string;
  load(): Promise<CliCommand>;
}

/** All of them, for a command that writes about the others. */
export interface CommandTable {
  readonly commands: ReadonlyMap<string, CommandEntry>;
  /** The classic programs: what stands for `sct` and these arguments. */
  readonly classicNames: ReadonlyMap<string, readonly [command: string, ...options: string[]]>;
}

/** Every command has it; the program answers it. */
export const helpOption: Option = { name: "help", short: "h", help: "show this help" };

/** A parsed command line. */
export interface CommandArguments {
  has(option: string): boolean;
  /** Values of an option in the order given. */
  all(option: string): readonly string[];
  /** The last value of an option. */
  last(option: string): string | undefined;
  /** Rule texts and rule files in the order given, for the options `rule` and `file`. */
  readonly ordered: readonly { readonly option: string; readonly value: string }[];
  readonly operands: readonly string[];
}
