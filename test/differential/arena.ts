/** Memory below 4 GiB with known content, so that calls of both ABIs can point into it; both sides read the same bytes. */
import type { StringRead } from "../../src/language/index.ts";
import { check, EEXIST, kernel, NR, syscall } from "../../src/sys/index.ts";

const MAX_STRING = 4096;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS_32BIT = 0x62;
const PROT_NONE = 0;
/** Private, anonymous, no memory set aside, at this place or not at all (mmap(2)). */
const MAP_RESERVED_HERE = 0x10_4022;
const NOWHERE_SIZE = 0x1000_0000;

export class Arena {
  readonly address: number;
  readonly size: number;
  /** Start of 256 MiB below 4 GiB that nobody can read; kept free of what the process maps later, its own heap too. */
  readonly nowhere: number;
  readonly #bytes: Uint8Array;
  #used = 0;

  constructor(size = 1 << 20) {
    this.size = size;
    this.nowhere = reserveNowhere();
    this.address = check(
      syscall(NR.mmap, 0, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_32BIT, -1, 0),
      { call: "mmap" },
    );
    this.#bytes = new Uint8Array(kernel().view(this.address, size));
    // every page is there: what counts as unreadable is only what was never mapped
    for (let at = 0; at < size; at += 4096) this.#bytes[at] = 0;
  }

  /** Address of a page that is not mapped, seen from either ABI. */
  static readonly hole = 0x1000;

  clear(): void {
    this.#used = 0;
  }

  /** Places bytes, 8-aligned; returns their address. */
  place(bytes: Uint8Array): number {
    const at = (this.#used + 7) & ~7;
    if (at + bytes.length > this.size) throw new Error("arena is full");
    this.#bytes.set(bytes, at);
    this.#used = at + bytes.length;
    return this.address + at;
  }

  read(address: bigint, size: number): Uint8Array | undefined {
    const at = Number(address) - this.address;
    if (at < 0 || at + size > this.size) return undefined;
    return this.#bytes.slice(at, at + size);
  }

  readString(address: bigint): StringRead | undefined {
    const at = Number(address) - this.address;
    if (at < 0 || at >= this.size) return undefined;
    const end = this.#bytes.indexOf(0, at);
    if (end < 0) return undefined;
    const length = Math.min(end - at, MAX_STRING);
    return { bytes: this.#bytes.slice(at, at + length), truncated: end - at > MAX_STRING };
  }
}

/** The highest 256 MiB below 4 GiB of which nothing is mapped yet. */
function reserveNowhere(): number {
  for (let at = 2 ** 32 - NOWHERE_SIZE; at >= 2 ** 31; at -= NOWHERE_SIZE) {
    const result = syscall(NR.mmap, at, NOWHERE_SIZE, PROT_NONE, MAP_RESERVED_HERE, -1, 0);
    if (result !== -EEXIST) return check(result, { call: "mmap" });
  }
  throw new Error("no 256 MiB between 2 and 4 GiB are free");
}
