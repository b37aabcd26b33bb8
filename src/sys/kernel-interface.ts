/** What the rest of the program asks of a kernel: libc.ts does it for real, fake.ts in tests. */

/** Stops a watch on a file descriptor. */
export interface FdWatch {
  stop(): void;
  /** The loop may end while nothing else keeps it alive. */
  unref(): void;
}

/** What a watch is for. */
export type Readiness = "readable" | "writable";

export interface Kernel {
  /** Result of the call, or -errno. */
  syscall(
    nr: number,
    a0: number,
    a1: number,
    a2: number,
    a3: number,
    a4: number,
    a5: number,
  ): number;
  /** Address of `sizeBytes` zeroed bytes that stay in place until `free`. */
  allocate(sizeBytes: number): number;
  free(address: number): void;
  /** The memory at an address, shared with the kernel. Touching it after it is freed or unmapped is fatal. */
  view(address: number, sizeBytes: number): ArrayBuffer;
  /** Gives memory that native code has freed back to the system, as far as the C library can. */
  trimHeap(): void;
  /** Calls back on the event loop each time the descriptor is ready, until stopped; keeps the loop alive. */
  watch(fd: number, onReady: () => void, readiness?: Readiness): FdWatch;
}
