/** Which refusals of the machine may be over in a moment: the service is started again then, and not after others. */

/** The machine is short of something, or was busy with it just now. */
const PASSING: ReadonlySet<string> = new Set([
  "EAGAIN",
  "EBUSY",
  "EINTR",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOSPC",
  // of Node: no memory or descriptor for a thread
  "ERR_WORKER_INIT_FAILED",
  // a probe that one of these kept from being carried out
  "probe_inconclusive",
]);

interface Caused {
  readonly cause?: unknown;
  /** Of errors of Node. */
  readonly code?: unknown;
  /** Of SyscallError. */
  readonly errnoName?: unknown;
}

/** Whether the error, or one that it came from, is of that kind. */
export function isPassing(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = (at as Caused).cause) {
    const { code, errnoName } = at as Caused;
    if (PASSING.has(String(errnoName)) || PASSING.has(String(code))) return true;
  }
  return false;
}
