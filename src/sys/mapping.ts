/**
 * mmap(2) of kernel objects. A page that is touched after munmap kills the process with SIGSEGV, so the mapping
 * hands out views only while it is open, and a user of one must drop it before `close`.
 */
import { MAP_FIXED, MAP_SHARED, PROT_READ, PROT_WRITE } from "../base/linux-abi.ts";
import type { Fd } from "./fd.ts";
import { check, kernel, syscall } from "./kernel.ts";
import { NR } from "./number.ts";

export class Mapping {
  readonly #fd: Fd;
  readonly #address: number;
  readonly #size: number;
  readonly #protection: number;
  #isOpen = true;

  private constructor(fd: Fd, address: number, size: number, protection: number) {
    this.#fd = fd;
    this.#address = address;
    this.#size = size;
    this.#protection = protection;
  }

  /** Maps `[offset, offset + size)` of the object, shared; sizes and offsets in bytes, whole pages. */
  static open(fd: Fd, size: number, offset: number, access: "read" | "write"): Mapping {
    const protection = access === "write" ? PROT_READ | PROT_WRITE : PROT_READ;
    const address = check(syscall(NR.mmap, 0, size, protection, MAP_SHARED, fd.number, offset), {
      call: "mmap",
    });
    return new Mapping(fd, address, size, protection);
  }

  /** For a process that shares this memory and works on it. */
  get address(): number {
    return this.#address;
  }

  /**
   * Shows as many bytes of the object from `offset` on instead, at the same address: views stay. When it throws
   * SyscallError the mapping is gone, and views of it must not be touched any more.
   */
  move(offset: number): void {
    if (!this.#isOpen) throw new Error("Cannot move mapping: already unmapped");
    const flags = MAP_SHARED | MAP_FIXED;
    const { number } = this.#fd;
    const result = syscall(
      NR.mmap,
      this.#address,
      this.#size,
      this.#protection,
      flags,
      number,
      offset,
    );
    if (result < 0) this.close();
    check(result, { call: "mmap" });
  }

  /** A new view of the whole mapping. */
  view(): ArrayBuffer {
    if (!this.#isOpen) throw new Error("Cannot view mapping: already unmapped");
    return kernel().view(this.#address, this.#size);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    check(syscall(NR.munmap, this.#address, this.#size), { call: "munmap" });
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
