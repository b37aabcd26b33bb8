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

/** PIDFD_SELF_THREAD and PIDFD_SELF_THREAD_GROUP, since 6.14. */
const SELF = { thread: -10000, process: -20000 } as const;
const NOWHERE = -1;

/**
 * Number by which the thread itself would name the process: that in its own pid namespace. -1: there is none, or none any
 * more; undefined: it cannot be found out.
 */
export function processAsSeen(files: ProcFiles, tid: number, fd: number): number | undefined {
  const status = files.readText(`/proc/${files.ownerOf(tid)}/status`) ?? "";
  const own = (name: "NStgid" | "NSpid"): number[] => {
    const [, numbers = ""] = new RegExp(`^${name}:(.*)$`, "m").exec(status) ?? [];
    return (numbers.match(/\d+/g) ?? []).map(Number);
  };
  if (fd === SELF.thread) return own("NSpid").at(-1);
  if (fd === SELF.process) return own("NStgid").at(-1);
  const depth = own("NStgid").length - 1;
  const target = depth < 0 ? undefined : pidfdTarget(files, tid, fd);
  if (target === undefined) return undefined;
  return target.pid < 0 ? NOWHERE : (target.pids[depth] ?? NOWHERE);
}
