/** Only one service, or one command that stands in for it, has an instance's kernel objects. */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { isEnding, MachineError, tryLock } from "../sys/index.ts";
import type { Paths } from "./paths.ts";
import { makeRunDirectory, needing } from "./run-directory.ts";

/** A killed process may wait for a processor before it is gone, one that ends by itself for its outputs. */
const LONGEST_MS = 30_000;
const WAIT_MS = 10;
/** Second line of a holder that is about to give it back. */
const ENDING = "ending";

export class RunningError extends MachineError {
  readonly code = "running";
  /** Undefined: it is only just starting. */
  readonly pid: number | undefined;

  constructor(pid: number | undefined) {
    super(`the service is running already${pid === undefined ? "" : ` (process ${pid})`}`);
    this.pid = pid;
  }
}

export class LockFile {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Throws RunningError, RunDirectoryError. The kernel gives the lock back when its holder ends, killed or not; for one that is ending
   * this waits, half a minute at most.
   */
  static take({ runDir, lock }: Pick<Paths, "runDir" | "lock">): LockFile {
    makeRunDirectory({ runDir });
    // the file stays for ever: removing it would let two hold locks on two files of that name
    const fd = needing(`open ${lock}`, () => openSync(lock, "a+", 0o600));
    try {
      for (let waited = 0; !tryLock(fd); waited += WAIT_MS) {
        const [pid, state] = readFileSync(lock, "utf8").split("\n");
        const holder = Number(pid) || undefined;
        const isGoing = state === ENDING || (holder !== undefined && isEnding(holder));
        if (!isGoing || waited >= LONGEST_MS) throw new RunningError(holder);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    ftruncateSync(fd);
    const file = new LockFile(fd);
    file.#write(`${process.pid}\n`);
    return file;
  }

  /** Whoever wants it next waits. */
  announceEnd(): void {
    this.#write(`${ENDING}\n`);
  }

  #write(line: string): void {
    try {
      writeSync(this.#fd, line);
    } catch (error) {
      // a full disk: the lock holds, only whose it is is not known
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }

  release(): void {
    ftruncateSync(this.#fd);
    closeSync(this.#fd);
  }
}
