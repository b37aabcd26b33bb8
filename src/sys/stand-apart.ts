/** Process groups: the terminal gives what is typed to the one in the foreground (setpgid(2), credentials(7)). */
import { syscall } from "./kernel.ts";
import { NR } from "./number.ts";

/** Negative: it is gone. */
export const processGroupOf = (pid: number): number => syscall(NR.getpgid, pid);

export const ownGroup = (): number => processGroupOf(0);

/**
 * Takes this process alone out of its group, until the function returned is called: one of its own, or the one of the program that
 * has started it, where this process leads its group. Undefined: it leads the session, and stays.
 */
export function standApart(): (() => void) | undefined {
  const before = ownGroup();
  const isLeader = before === process.pid;
  const elsewhere = isLeader ? processGroupOf(process.ppid) : 0;
  if (elsewhere < 0 || elsewhere === before || syscall(NR.setpgid, 0, elsewhere) < 0)
    return undefined;
  // nothing to return to: the others have ended
  return () => void syscall(NR.setpgid, 0, before);
}
