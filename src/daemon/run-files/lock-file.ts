/** Only one service, or one command that stands in for it, has an instance's kernel objects. */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { isEnding, MachineError, tryLock } from "../../sys/index.ts";
import type { Paths } from "../paths.ts";
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

type LockPaths = Pick<Paths, "runDir" | "lock">;

export class LockFile {
  readonly #paths: LockPaths;
  #fd: number;

  private constructor(paths: LockPaths, fd: number) {
    this.#paths = paths;
    this.#fd = fd;
    this.#begin();
  }

  /**
   * Throws RunningError, RunDirectoryError. The kernel gives the lock back when its holder ends, killed or not; for one that is ending
   * this waits, half a minute at most.
   */
  static take(paths: LockPaths): LockFile {
    for (;;) {
      const fd = openLock(paths);
      try {
        waitFor(fd, paths);
        if (leadsTo(paths.lock, fd)) return new LockFile(paths, fd);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      // removed meanwhile: the lock of a file that nobody finds keeps nobody out
      closeSync(fd);
    }
  }

  /** False: somebody has removed it, and others may lock another file of its name. */
  get isInPlace(): boolean {
    return leadsTo(this.#paths.lock, this.#fd);
  }

  /**
   * Where it is not in place: the lock of the file that is, made if there is none. False: another process has that one, or it
   * was removed at once; the lock before is kept. Throws RunDirectoryError.
   */
  retake(): boolean {
    const fd = openLock(this.#paths);
    if (!tryLock(fd) || !leadsTo(this.#paths.lock, fd)) {
      closeSync(fd);
      return false;
    }
    closeSync(this.#fd);
    this.#fd = fd;
    this.#begin();
    return true;
  }

  #begin(): void {
    ftruncateSync(this.#fd);
    this.#write(`${process.pid}\n`);
  }

  /** The next process that wants it waits. */
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

/** Throws RunDirectoryError. The file stays for ever: removing it would let two hold locks on two files of that name. */
function openLock({ runDir, lock }: LockPaths): number {
  makeRunDirectory({ runDir });
  return needing(`open ${lock}`, () => openSync(lock, "a+", 0o600));
}

/** Throws RunningError. */
function waitFor(fd: number, { lock }: LockPaths): void {
  for (let waited = 0; !tryLock(fd); waited += WAIT_MS) {
    const [pid, state] = readIfThere(lock).split("\n");
    const holder = Number(pid) || undefined;
    const isGoing = state === ENDING || (holder !== undefined && isEnding(holder));
    if (!isGoing || waited >= LONGEST_MS) throw new RunningError(holder);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
}

/** Somebody may remove it at any time. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return "";
  }
}

function leadsTo(path: string, fd: number): boolean {
  try {
    const found = statSync(path);
    const own = fstatSync(fd);
    return found.ino === own.ino && found.dev === own.dev;
  } catch {
    return false;
  }
}
