/**
 * libc through koffi: the only file that imports it, and only when the first system call is made (6-20 ms).
 * syscall(2) is declared with a fixed prototype: on x86-64 and arm64 a variadic one is only slower.
 * errno is the thread's own and is read right after the call, before anything else can run.
 */
import { createRequire } from "node:module";
import type { FdWatch, Kernel } from "./kernel-interface.ts";

type Koffi = typeof import("koffi");
type Syscall = (nr: number, ...args: number[]) => number | bigint;

export function openLibc(): Kernel {
  const koffi: Koffi = createRequire(import.meta.url)("koffi");
  const libc = koffi.load(null as unknown as string);
  const call = libc.func(
    "long syscall(long, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t)",
  ) as Syscall;
  let trim: ((pad: number) => number) | undefined;
  return {
    syscall(nr, a0, a1, a2, a3, a4, a5) {
      const result = call(nr, a0, a1, a2, a3, a4, a5);
      if (result !== -1) return Number(result);
      return -koffi.errno();
    },
    allocate(sizeBytes) {
      const address = koffi.alloc("uint8_t", sizeBytes);
      new Uint8Array(koffi.view(address, sizeBytes)).fill(0);
      return Number(koffi.address(address));
    },
    free(address) {
      koffi.free(BigInt(address));
    },
    trimHeap() {
      trim ??= optional(() => libc.func("int malloc_trim(size_t)"));
      trim(0);
    },
    view(address, sizeBytes) {
      return koffi.view(BigInt(address), sizeBytes);
    },
    watch(fd, onReady, readiness = "readable"): FdWatch {
      const events =
        readiness === "writable" ? { writable: true } : { readable: true, disconnect: true };
      const handle = koffi.node.poll(fd, events, onReady);
      let isOpen = true;
      return {
        stop() {
          if (!isOpen) return;
          isOpen = false;
          handle.stop();
          handle.close();
        },
        unref() {
          if (isOpen) handle.unref();
        },
      };
    },
  };
}

/** Of glibc alone; where the C library has no such function nothing is done. */
function optional(find: () => unknown): (pad: number) => number {
  try {
    return find() as (pad: number) => number;
  } catch {
    return () => 0;
  }
}
