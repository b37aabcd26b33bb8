/** Memory of a simulated process. A text can lie in a page that was never touched: readable once the kernel has read it. */
import { PAGE_SIZE } from "../../base/linux-abi.ts";
import type { UserMemory } from "../../bpf/vm/index.ts";

const BASE = 0x4000_0000;

/** An address that nothing is mapped at. */
export const UNMAPPED = 0x1000n;

const MAX_SIZE = 1 << 20;

export class SimulatedMemory implements UserMemory {
  /** Grows: most processes place a few texts. */
  #bytes = new Uint8Array(4 * PAGE_SIZE);
  readonly #untouched = new Set<number>();
  /** Pages that stay away. */
  readonly #holes = new Set<number>();
  #used = 0;

  /** Address of a copy of the bytes, at the start of a page of its own. */
  place(bytes: Uint8Array, isUntouched = false): bigint {
    const at = this.#used;
    const pages = Math.ceil((bytes.length + 1) / PAGE_SIZE);
    this.#extend(pages);
    this.#bytes.set(bytes, at);
    if (isUntouched)
      for (let page = at / PAGE_SIZE; page < at / PAGE_SIZE + pages; page++)
        this.#untouched.add(page);
    return BigInt(BASE + at);
  }

  /** The same so that an unmapped page follows at once. */
  placeAtEnd(bytes: Uint8Array): bigint {
    const size = Math.max(1, Math.ceil(bytes.length / PAGE_SIZE)) * PAGE_SIZE;
    const start = this.place(new Uint8Array(Math.max(0, size - 1)));
    this.#bytes.set(bytes, Number(start) - BASE + size - bytes.length);
    this.#holes.add(this.#used / PAGE_SIZE);
    this.#extend(1);
    return start + BigInt(size - bytes.length);
  }

  /** Over the end of a page. */
  placeAcross(bytes: Uint8Array, inFirstPage: number, rest: "untouched" | "unmapped"): bigint {
    const start = this.place(new Uint8Array(2 * PAGE_SIZE - 1));
    const at = Number(start) - BASE + PAGE_SIZE - inFirstPage;
    this.#bytes.set(bytes, at);
    const second = (Number(start) - BASE) / PAGE_SIZE + 1;
    (rest === "untouched" ? this.#untouched : this.#holes).add(second);
    return BigInt(BASE + at);
  }

  #extend(pages: number): void {
    this.#used += pages * PAGE_SIZE;
    if (this.#used > MAX_SIZE) throw new RangeError("the process has no more memory");
    if (this.#used <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.min(MAX_SIZE, Math.max(this.#used, 2 * this.#bytes.length)));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }

  /** The kernel reads what calls point to: it is in memory from then on. */
  touchAll(): void {
    this.#untouched.clear();
  }

  #isThere(page: number): boolean {
    return !this.#untouched.has(page) && !this.#holes.has(page);
  }

  readable(address: bigint, size: number): Uint8Array {
    const at = Number(address) - BASE;
    if (at < 0 || at >= this.#used) return new Uint8Array();
    let end = at;
    while (end < at + size && end < this.#used && this.#isThere(Math.floor(end / PAGE_SIZE)))
      end = (Math.floor(end / PAGE_SIZE) + 1) * PAGE_SIZE;
    return this.#bytes.subarray(at, Math.min(end, at + size, this.#used));
  }
}
