/** The directory of socket, lock and log, without which there is no service. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { MachineError } from "../../sys/index.ts";
import type { Paths } from "../paths.ts";

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
  needing(`make ${runDir}`, () => makeDirectory(runDir));
}

/** With those above it. Node's own way of doing that never ends where a file system has no room for directories, as procfs. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || !isMissing(dirname(path))) throw error;
    makeDirectory(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

function isMissing(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) === undefined;
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
