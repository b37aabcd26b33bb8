/** The file of what comes back unless the rules in force are confirmed, and what may go wrong with that. */
import { MachineError } from "../../sys/index.ts";
import { readState, replaceFile } from "../run-files/state-files.ts";

export interface Revert {
  /** Text of the rules that come back. */
  readonly source: string;
  /** Wall clock; a clock that was set back does not make it wait longer than this. */
  readonly dueMs: number;
  readonly afterMs: number;
}

/** A change that is only made if it can be reverted after a crash, too. */
export class StateError extends MachineError {
  readonly code = "state";

  constructor(path: string, cause: NodeJS.ErrnoException) {
    super(
      `Cannot promise that the rules before come back: cannot write ${path} (${cause.code})`,
      "Without --revert-after the rules are replaced for good",
      cause,
    );
  }
}

/** What is confirmed has to stay so after a restart. */
export class UnconfirmedError extends MachineError {
  readonly code = "state";

  constructor(reason: string) {
    super(
      `The rules in force stay while the service runs: ${reason}`,
      "Remove it before the service is started again",
    );
  }
}

/** Undefined: nothing comes back. Throws what reading throws, and where the file is damaged. */
export function readRevert(file: string): Revert | undefined {
  const text = readState(file);
  return text === undefined ? undefined : parseRevert(text);
}

/** Durable when it returns. */
export function writeRevert(file: string, revert: Revert): void {
  replaceFile(file, JSON.stringify(revert));
}

function parseRevert(text: string): Revert {
  const { source, dueMs, afterMs } = JSON.parse(text) as Partial<Revert>;
  if (typeof source !== "string" || typeof dueMs !== "number" || typeof afterMs !== "number")
    throw new Error("something is missing");
  return { source, dueMs, afterMs };
}
