/** Only one service, or one command that stands in for it, has an instance's kernel objects. */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { isEnding, MachineError, tryLock } from "../sys/index.ts";
import type { Paths } from "./paths.ts";

/** A killed process may wait for a processor before it is gone. */
const LONGEST_MS = 10_000;
const WAIT_MS = 10;

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
   * Throws RunningError. The kernel gives the lock back when its holder ends, killed or not; for one that is ending
   * this waits, a few seconds at most.
   */
  static take({ runDir, lock }: Paths): LockFile {
    mkdirSync(runDir, { recursive: true, mode: 0o700 });
    // the file stays for ever: removing it would let two hold locks on two files of that name
    const fd = openSync(lock, "a+", 0o600);
    try {
      for (let waited = 0; !tryLock(fd); waited += WAIT_MS) {
        const holder = Number(readFileSync(lock, "utf8")) || undefined;
        if (holder === undefined || !isEnding(holder) || waited >= LONGEST_MS)
          throw new RunningError(holder);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    ftruncateSync(fd);
    try {
      writeSync(fd, `${process.pid}\n`);
    } catch (error) {
      // a full disk: the lock holds, only whose it is is not known
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
    return new LockFile(fd);
  }

  release(): void {
    ftruncateSync(this.#fd);
    closeSync(this.#fd);
  }
}
