/** The end of a wait for a process that starts: another process may have stopped it by a signal. */
import { ETIMEDOUT } from "../../../base/linux-abi.ts";
import { kill, SIGKILL, SyscallError } from "../../../sys/index.ts";

/** A start takes milliseconds; a machine may be busy. */
const LONGEST_START_MS = 30_000;

/** Kills the processes that are waited for and throws SyscallError, when asked after that time. */
export function startDeadline(
  pids: readonly number[],
  now: () => number = () => performance.now(),
): () => void {
  const end = now() + LONGEST_START_MS;
  return () => {
    if (now() < end) return;
    for (const pid of pids) kill(pid, SIGKILL);
    throw new SyscallError({
      call: "clone",
      errno: ETIMEDOUT,
      what: "start the command",
      hint: "Something has stopped it or its guard before it began",
    });
  };
}
