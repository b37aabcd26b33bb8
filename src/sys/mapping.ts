/**
 * mmap(2) of kernel objects. A page that is touched after munmap kills the process with SIGSEGV, so the mapping
 * hands out views only while it is open, and whoever keeps one must drop it before `close`.
 */
import type { Fd } from "./fd.ts";
import { check, kernel, syscall } from "./kernel.ts";
import { NR } from "./number.ts";

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

export class Mapping {
  readonly #address: number;
  readonly #size: number;
  #isOpen = true;

  private constructor(address: number, size: number) {
    this.#address = address;
    this.#size = size;
  }

  /** Maps `[offset, offset + size)` of the object, shared; sizes and offsets in bytes, whole pages. */
  static open(fd: Fd, size: number, offset: number, access: "read" | "write"): Mapping {
    const protection = access === "write" ? PROT_READ | PROT_WRITE : PROT_READ;
    const address = check(syscall(NR.mmap, 0, size, protection, MAP_SHARED, fd.number, offset), {
      call: "mmap",
    });
    return new Mapping(address, size);
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
