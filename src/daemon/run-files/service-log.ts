/**
 * The log of a service that systemd did not start: what it says on standard error, and events where a terminal output
 * writes to standard output. It lies in memory (/run), so it is kept small: the log before is `service.log.1`.
 */
import {
  closeSync,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from "node:fs";
import { redirect } from "../../sys/index.ts";
import type { Paths } from "../paths.ts";
import { needing } from "./run-directory.ts";

const MAX_BYTES = 4 << 20;
const STDOUT = 1;
const STDERR = 2;

export interface OpenLog {
  /** undefined: there is no room for a log. */
  readonly fd: number | undefined;
  /** What was written since it was opened. */
  read(): string;
  close(): void;
}

/** For the descriptors of a service that is started now. All writers append. */
export function openLog({ serviceLog }: Pick<Paths, "serviceLog">): OpenLog {
  let fd: number | undefined;
  let start = 0;
  try {
    start = statSync(serviceLog, { throwIfNoEntry: false })?.size ?? 0;
    if (start > MAX_BYTES) {
      renameSync(serviceLog, `${serviceLog}.1`);
      start = 0;
    }
    fd = openSync(serviceLog, "a", 0o600);
  } catch (error) {
    // rules matter more
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
  return {
    fd,
    read: () => (fd === undefined ? "" : readFileSync(serviceLog).toString("utf8", start)),
    close() {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

/** In the service: makes the log empty once it is too large. Descriptors of others continue, so it is not renamed. */
export function keepLogSmall({ serviceLog }: Pick<Paths, "serviceLog">, fd = STDERR): void {
  if (!isTooLarge(serviceLog, fd)) return;
  try {
    copyFileSync(serviceLog, `${serviceLog}.1`);
  } catch {
    // no room for both: the log is worth less than the place where it lies
  }
  ftruncateSync(fd);
}

/** In the service: its descriptors of the log, when somebody removes that. */
export class OwnLog {
  readonly #path: string;
  readonly #fds: readonly number[];

  /** Made while the log is in its place. */
  constructor(
    { serviceLog }: Pick<Paths, "serviceLog">,
    fds: readonly number[] = [STDOUT, STDERR],
  ) {
    this.#path = serviceLog;
    this.#fds = fds.filter((fd) => isSameFile(serviceLog, fd));
  }

  /** True also where we write to something else. */
  get isInPlace(): boolean {
    return this.#fds.every((fd) => isSameFile(this.#path, fd));
  }

  /** Begins a new one, or appends to that of another start. Throws RunDirectoryError. */
  begin(): void {
    const file = needing(`open ${this.#path}`, () => openSync(this.#path, "a", 0o600));
    try {
      for (const fd of this.#fds) redirect(fd, file);
    } finally {
      closeSync(file);
    }
  }
}

function isTooLarge(file: string, fd: number): boolean {
  return isSameFile(file, fd) && fstatSync(fd).size > MAX_BYTES;
}

/** False also where the descriptor is something else. */
function isSameFile(file: string, fd: number): boolean {
  try {
    const own = fstatSync(fd);
    const log = statSync(file);
    return own.ino === log.ino && own.dev === log.dev;
  } catch {
    return false;
  }
}
