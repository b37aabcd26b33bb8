/**
 * Scratch memory that nobody uses now, by whose memory it lies in: that of a process, which a child by vfork shares until it
 * executes. What a thread leaves behind by its end or by execve is for the next one there.
 */
import { syscall, X64 } from "../../sys/index.ts";
import type { Scratch, ScratchSpace } from "./scratch.ts";

/** Of kcmp(2). */
const KCMP_VM = 1;

export class ScratchPool {
  /** By process; several may have the same. */
  readonly #spaces = new Map<number, ScratchSpace>();

  /** `parent`: of the process, whose memory that may be, too. */
  spaceOf(pid: number, parent: number | undefined): ScratchSpace {
    const known = this.#spaces.get(pid);
    if (known !== undefined) return known;
    const shares = parent !== undefined && parent > 0 && shareMemory(pid, parent);
    const space = shares ? this.spaceOf(parent, undefined) : [];
    this.#spaces.set(pid, space);
    return space;
  }

  /** A thread has ended, or has left its memory by execve. */
  left(tid: number, scratch: Scratch | undefined): void {
    scratch?.space.push(scratch);
    this.#spaces.delete(tid);
  }
}

/** False also where the kernel does not say. */
function shareMemory(pid: number, other: number): boolean {
  return syscall(X64.kcmp, pid, other, KCMP_VM, 0, 0) === 0;
}
