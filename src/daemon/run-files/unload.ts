/** Taking everything away where no service runs that could do it, and making sure that it is gone. */
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ENGINES } from "../../engines/engines.ts";
import { MachineError } from "../../sys/index.ts";
import type { Paths } from "../paths.ts";
import { LockFile, RunningError } from "./lock-file.ts";

export { RunningError };

const RETRY_MS = 20;
const PATIENCE_MS = 30_000;

export class LeftoverError extends MachineError {
  readonly code = "leftover";
}

/**
 * Removes what a service left that was killed or ends without it. False: there is nothing. Throws RunningError where one
 * has the lock that does not end: it starts, and can be asked soon.
 */
export async function unloadLeftover(paths: Paths): Promise<boolean> {
  const isThere = existsSync(paths.pinDir);
  // a service that starts may not have got as far as that
  if (!isThere && !existsSync(paths.lock)) return false;
  const lock = LockFile.take(paths);
  try {
    // the process that held the lock may have done it
    if (!existsSync(paths.pinDir)) return isThere;
    const { pinDir, runDir } = paths;
    const { engine } = await ENGINES.resident.open({ pinDir, runDir });
    const note = engine.note.read();
    engine.unload();
    if (note !== undefined) keepNote(paths, note);
  } finally {
    lock.release();
  }
  checkGone(paths);
  return true;
}

/** What the service had in its note goes to where the next one finds it. */
function keepNote(paths: Paths, note: string): void {
  try {
    writeFileSync(paths.notStored, note, { mode: 0o600 });
  } catch (error) {
    if (note === "") return;
    throw new LeftoverError(
      `The rules are gone, and events that were not stored will not be reported: ${(error as Error).message}`,
      undefined,
      error,
    );
  }
}

/** Waits for the end of a service that has said that it unloads. */
export async function waitUnloaded(paths: Paths): Promise<void> {
  (await whenGone(paths)).release();
  checkGone(paths);
}

async function whenGone(paths: Paths): Promise<LockFile> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return LockFile.take(paths);
    } catch (error) {
      if (!(error instanceof RunningError) || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function checkGone({ pinDir }: Paths): void {
  if (!existsSync(pinDir)) return;
  throw new LeftoverError(
    `Device or resource busy: ${pinDir} is still there`,
    "Something else was put into it; look at it with 'ls -l'",
  );
}
