/** Where each of some records lies, as they lay in the ring. */
import { freeOwn } from "../../base/free-memory.ts";
import { RingStream } from "../../events/index.ts";

/** Offset, length and site of a record. */
const WORDS = 3;

export class RecordIndex {
  readonly memory: Uint8Array;
  readonly #words: Uint32Array;

  /** `memory`: whole records with their headers. */
  constructor(memory: Uint8Array) {
    this.memory = memory;
    const words: number[] = [];
    for (const ring = new RingStream(memory); ring.next(); )
      words.push(ring.offset, ring.length, ring.site);
    this.#words = Uint32Array.from(words);
  }

  get count(): number {
    return this.#words.length / WORDS;
  }

  /** Memory that it takes. */
  get size(): number {
    return this.memory.length + this.#words.byteLength;
  }

  offset(index: number): number {
    return this.#words[index * WORDS] ?? 0;
  }

  length(index: number): number {
    return this.#words[index * WORDS + 1] ?? 0;
  }

  site(index: number): number {
    return this.#words[index * WORDS + 2] ?? 0;
  }

  /** Gives the memory back. */
  dispose(): void {
    freeOwn(this.memory);
    freeOwn(this.#words);
  }

  /** Records of each site. */
  get sites(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (let i = 0; i < this.count; i++) {
      const site = this.site(i);
      counts.set(site, (counts.get(site) ?? 0) + 1);
    }
    return counts;
  }
}
