/** What a subcommand is: data for the parser and the help text, and what it does. */
import type { ExitCode } from "./exit-codes.ts";

export interface Option {
  /** Long name without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Name of the value in the help text; absent: the option takes none. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  /** Behind the command's name: `[OPTION]... FILE...`. */
  readonly usage: string;
  /** Paragraph under the usage line. */
  readonly about: string;
  readonly options: readonly Option[];
  /** Lines that work as they stand. */
  readonly examples: readonly string[];
  run(args: Arguments): Promise<ExitCode>;
}

/** A parsed command line. */
export interface Arguments {
  has(option: string): boolean;
  /** Values of an option in the order given. */
  all(option: string): readonly string[];
  /** The last value of an option. */
  last(option: string): string | undefined;
  /** Rule texts and rule files in the order given, for the options `rule` and `file`. */
  readonly ordered: readonly { readonly option: string; readonly value: string }[];
  readonly operands: readonly string[];
}
