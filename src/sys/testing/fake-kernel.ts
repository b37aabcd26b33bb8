/**
 * A kernel made of JavaScript, for tests without privilege: system calls are answered by handlers, memory lives
 * in ordinary buffers under invented addresses. It counts what is left open.
 */
import { EBADF, ENOSYS } from "../errno.ts";
import { replaceKernel } from "../kernel.ts";
import type { FdWatch, Kernel } from "../kernel-interface.ts";
import { NR, type SyscallName } from "../number.ts";

/** Answers a call: result or -errno. */
export type FakeAnswer = (args: readonly number[], fake: FakeKernel) => number;

export class FakeKernel implements Kernel {
  /** Every call made, in order, close included. */
  readonly calls: { readonly nr: number; readonly args: readonly number[] }[] = [];
  readonly openFds = new Set<number>();
  readonly #handlers = new Map<number, FakeAnswer>();
  readonly #blocks = new Map<number, ArrayBuffer>();
  readonly #watches = new Map<number, () => void>();
  #nextAddress = 0x10000;
  #nextFd = 100;

  constructor() {
    this.on("close", ([fd = -1]) => (this.openFds.delete(fd) ? 0 : -EBADF));
  }

  /** Sets the answer to a system call; others give ENOSYS. */
  on(name: SyscallName, handler: FakeAnswer): this {
    this.#handlers.set(NR[name], handler);
    return this;
  }

  /** A new descriptor number that counts as open. */
  openFd(): number {
    const fd = this.#nextFd++;
    this.openFds.add(fd);
    return fd;
  }

  /** Number of blocks that were not freed. */
  get blocksInUse(): number {
    return this.#blocks.size;
  }

  /** Number of watches that were not stopped. */
  get watchesInUse(): number {
    return this.#watches.size;
  }

  /** The bytes that a caller passed by address; throws when they do not lie in allocated memory. */
  bytesAt(address: number, length: number): Uint8Array {
    for (const [start, buffer] of this.#blocks) {
      if (address >= start && address + length <= start + buffer.byteLength)
        return new Uint8Array(buffer, address - start, length);
    }
    throw new Error(`Cannot read ${length} bytes at ${address}: not allocated`);
  }

  /** Makes the descriptor readable: its watchers are called. */
  signalReadable(fd: number): void {
    this.#watches.get(fd)?.();
  }

  syscall(nr: number, ...args: number[]): number {
    this.calls.push({ nr, args });
    return this.#handlers.get(nr)?.(args, this) ?? -ENOSYS;
  }

  allocate(sizeBytes: number): number {
    const address = this.#nextAddress;
    // the gap makes overruns miss
    this.#nextAddress += sizeBytes + 0x1000;
    this.#blocks.set(address, new ArrayBuffer(sizeBytes));
    return address;
  }

  free(address: number): void {
    if (!this.#blocks.delete(address)) throw new Error(`Cannot free ${address}: not allocated`);
  }

  view(address: number, sizeBytes: number): ArrayBuffer {
    const buffer = this.#blocks.get(address);
    if (buffer === undefined || buffer.byteLength < sizeBytes)
      throw new Error(`Cannot view ${sizeBytes} bytes at ${address}: not allocated`);
    return buffer;
  }

  trimHeap(): void {}

  watch(fd: number, onReadable: () => void): FdWatch {
    this.#watches.set(fd, onReadable);
    return { stop: () => this.#watches.delete(fd), unref: () => {} };
  }
}

/** Runs `body` on a fake kernel and puts the real one back. */
export function withFakeKernel<T>(body: (fake: FakeKernel) => T): T {
  const fake = new FakeKernel();
  const restore = replaceKernel(fake);
  try {
    return body(fake);
  } finally {
    restore();
  }
}
