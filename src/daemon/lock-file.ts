/** Only one service, or one command that stands in for it, has an instance's kernel objects. */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { MachineError, tryLock } from "../sys/index.ts";
import type { Paths } from "./paths.ts";

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

  /** Throws RunningError. The kernel gives the lock back when its holder ends, killed or not. */
  static take({ runDir, lock }: Paths): LockFile {
    mkdirSync(runDir, { recursive: true, mode: 0o700 });
    // the file stays for ever: removing it would let two hold locks on two files of that name
    const fd = openSync(lock, "a+", 0o600);
    try {
      if (!tryLock(fd)) throw new RunningError(Number(readFileSync(lock, "utf8")) || undefined);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
    return new LockFile(fd);
  }

  release(): void {
    ftruncateSync(this.#fd);
    closeSync(this.#fd);
  }
}
