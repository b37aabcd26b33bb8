/** The process behind a pidfd of another process, by /proc/PID/fdinfo (Pid: since 5.2, NSpid: since 5.5). */
import type { ProcFiles } from "./proc-files.ts";

export interface PidfdTarget {
  /** As we count; -1: it is gone. */
  readonly pid: number;
  /** In each pid namespace from ours to the innermost that it is in. */
  readonly pids: readonly number[];
}

/** Undefined: it is no pidfd, or cannot be read. */
export function pidfdTarget(files: ProcFiles, tid: number, fd: number): PidfdTarget | undefined {
  const text = files.readText(`/proc/${files.ownerOf(tid)}/fdinfo/${fd}`);
  const [, pid] = /^Pid:\s*(-?\d+)$/m.exec(text ?? "") ?? [];
  if (pid === undefined) return undefined;
  const [, pids = pid] = /^NSpid:\s*([-\d\s]+)$/m.exec(text ?? "") ?? [];
  return { pid: Number(pid), pids: pids.trim().split(/\s+/).map(Number) };
}
