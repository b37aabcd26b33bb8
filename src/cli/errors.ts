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
  if (error instanceof UsageError) {
    tell(`${command}: ${error.message}`, `Try '${command} --help'`);
    return ExitCode.usage;
  }
  if (error instanceof InputError) {
    tell(`${command}: ${error.message}`);
    return ExitCode.usage;
  }
  if (isMachineFailure(error)) {
    tell(`${command}: ${error.message}`, ...(error.hint === undefined ? [] : [error.hint]));
    return ExitCode.machine;
  }
  tell(
    `${command}: this is a bug in syscalltrack ${version()}`,
    `Linux ${release()}, node ${process.version}, ${process.arch}`,
    "Please report it with these lines and the rules that were used:",
  );
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tell(...text.split("\n"));
  return ExitCode.bug;
}

export function isMachineFailure(error: unknown): error is MachineFailure {
  return error instanceof Error && "code" in error && "hint" in error;
}

function tell(...lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${escapeControls(line)}\n`);
}
