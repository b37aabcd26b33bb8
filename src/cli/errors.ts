/** What ends a command early, and how it is reported. */

import { release } from "node:os";
import { escapeControls } from "../base/escape.ts";
import { table } from "../base/table.ts";
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

/** Resources that ran out, by errno(3): no bug, wherever it is met. Each with what helps. */
const EXHAUSTED = table<string>({
  EMFILE: "Raise the limit of open files, for example: ulimit -n 1024",
  ENFILE: "The whole machine has too many open files: raise fs.file-max with sysctl",
  ENOMEM: "Free memory, or raise the limit of this control group",
  ENOSPC: "Free space on that file system",
  EDQUOT: "Free space in the quota of that file system",
  EROFS: "That file system is mounted read-only",
  EAGAIN: "Raise the limit of processes, for example: ulimit -u 4096",
});

/** What helps against a failed system call of Node's; undefined where nothing has run out. */
export function adviceOnExhaustion(error: unknown): string | undefined {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return undefined;
  return EXHAUSTED[String(error.code)];
}

/**
 * Prints the error on standard error and returns the exit code that it means. `command` is e.g. `sct watch`; with
 * `isVerbose` the kernel's own log is printed too.
 */
export function reportError(error: unknown, command: string, isVerbose = false): ExitCode {
  for (const line of errorLines(error, command, isVerbose)) process.stderr.write(`${line}\n`);
  return exitCodeOf(error);
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError || error instanceof InputError) return ExitCode.usage;
  const isMachine = isMachineFailure(error) || adviceOnExhaustion(error) !== undefined;
  return isMachine ? ExitCode.machine : ExitCode.bug;
}

/** What is reported of an error, safe for a terminal. */
export function errorLines(error: unknown, command: string, isVerbose = false): readonly string[] {
  return [...linesOf(error, command), ...logLines(error, isVerbose)].map(escapeControls);
}

/** What the verifier said of a program that it refused: thousands of lines, of which the message has the last. */
function logLines(error: unknown, isVerbose: boolean): readonly string[] {
  if (!(error instanceof Error && "log" in error && typeof error.log === "string")) return [];
  if (error.log === "") return [];
  return isVerbose
    ? error.log.trimEnd().split("\n")
    : ["'sct watch -v' with these rules prints the verifier's whole log"];
}

function linesOf(error: unknown, command: string): readonly string[] {
  if (error instanceof UsageError) {
    return [`${command}: ${error.message}`, `Try '${command} --help'`];
  }
  if (error instanceof InputError) return [`${command}: ${error.message}`];
  if (isMachineFailure(error)) {
    return [`${command}: ${error.message}`, ...(error.hint === undefined ? [] : [error.hint])];
  }
  const advice = adviceOnExhaustion(error);
  if (advice !== undefined) return [`${command}: ${(error as Error).message}`, advice];
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `${command}: this is a bug in syscalltrack ${versionIfReadable()}`,
    `Linux ${release()}, node ${process.version}, ${process.arch}`,
    "Please report it with these lines and the rules that were used:",
    ...text.split("\n"),
  ];
}

/** A report of one error must not end in another: descriptors may be what is missing. */
function versionIfReadable(): string {
  try {
    return version();
  } catch {
    return "(version not readable)";
  }
}

export function isMachineFailure(error: unknown): error is MachineFailure {
  return error instanceof Error && "code" in error && "hint" in error;
}
