/** The directory of socket, lock and log, without which there is no service. */
import { mkdirSync } from "node:fs";
import { MachineError } from "../sys/index.ts";
import type { Paths } from "./paths.ts";

export class RunDirectoryError extends MachineError {
  readonly code = "run_directory";

  constructor(what: string, cause: NodeJS.ErrnoException) {
    super(
      `Cannot ${what}: ${cause.code}`,
      "The service needs a directory there that it can write to",
      cause,
    );
  }
}

/** Throws RunDirectoryError. */
export function makeRunDirectory({ runDir }: Pick<Paths, "runDir">): void {
  needing(`make ${runDir}`, () => mkdirSync(runDir, { recursive: true, mode: 0o700 }));
}

/** Throws RunDirectoryError where `act` meets an error of the file system. */
export function needing<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new RunDirectoryError(what, error as NodeJS.ErrnoException);
  }
}
