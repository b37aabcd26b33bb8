/** What ends a command early, and how it is told. */
import { release } from "node:os";
import { escapeControls } from "../base/escape.ts";
import { ExitCode } from "./exit-codes.ts";
import { version } from "./version.ts";

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A file that the user named cannot be read. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Shape of the errors by which the rooms below say what the machine cannot do; see src/sys/error.ts. */
export interface MachineFailure extends Error {
  readonly code: string;
  readonly hint: string | undefined;
}

/** Tells the error on standard error and returns the exit code that it means. `command` is e.g. `sct watch`. */
export function reportError(error: unknown, command: string): ExitCode {
  for (const line of errorLines(error, command)) process.stderr.write(`${line}\n`);
  if (error instanceof UsageError || error instanceof InputError) return ExitCode.usage;
  return isMachineFailure(error) ? ExitCode.machine : ExitCode.bug;
}

/** What is told of an error, safe for a terminal. */
export function errorLines(error: unknown, command: string): readonly string[] {
  return linesOf(error, command).map(escapeControls);
}

function linesOf(error: unknown, command: string): readonly string[] {
  if (error instanceof UsageError) {
    return [`${command}: ${error.message}`, `Try '${command} --help'`];
  }
  if (error instanceof InputError) return [`${command}: ${error.message}`];
  if (isMachineFailure(error)) {
    return [`${command}: ${error.message}`, ...(error.hint === undefined ? [] : [error.hint])];
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `${command}: this is a bug in syscalltrack ${version()}`,
    `Linux ${release()}, node ${process.version}, ${process.arch}`,
    "Please report it with these lines and the rules that were used:",
    ...text.split("\n"),
  ];
}

export function isMachineFailure(error: unknown): error is MachineFailure {
  return error instanceof Error && "code" in error && "hint" in error;
}
