/**
 * The one seam between this program and the kernel: every system call and every piece of native memory goes
 * through the current Kernel. It is libc, loaded at the first use; tests put a fake in its place (fake.ts).
 */
import { SyscallError, type SyscallFailure } from "./error.ts";
import type { Kernel } from "./kernel-interface.ts";
import { openLibc } from "./libc.ts";

let current: Kernel | undefined;

/** The kernel in use. */
export function kernel(): Kernel {
  current ??= openLibc();
  return current;
}

/** Puts another kernel in place and returns what undoes it. For tests. */
export function replaceKernel(replacement: Kernel): () => void {
  const before = current;
  current = replacement;
  return () => {
    current = before;
  };
}

/** Makes a system call. Arguments are numbers, addresses included; returns the result or -errno, never throws. */
export function syscall(nr: number, a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0): number {
  return (current ?? kernel()).syscall(nr, a0, a1, a2, a3, a4, a5);
}

/** See Kernel.trimHeap. */
export function trimHeap(): void {
  kernel().trimHeap();
}

/** Passes a result on; throws SyscallError when it is -errno. */
export function check(result: number, failure: Omit<SyscallFailure, "errno">): number {
  if (result < 0 && result > -4096) throw new SyscallError({ ...failure, errno: -result });
  return result;
}
