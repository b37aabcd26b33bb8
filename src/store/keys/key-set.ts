/** A set of 32-bit hashes that makes no garbage: open addressing in one typed array, emptied and used again. */

const FIRST_SIZE = 1024;

export class KeySet {
  size = 0;
  #table = new Int32Array(FIRST_SIZE);
  /** 0 marks a free place, so the hash 0 counts as 1: an index may be wrong in that direction. */
  add(hash: number): void {
    const key = hash | 0 || 1;
    const table = this.#table;
    const mask = table.length - 1;
    let at = (key ^ (key >>> 15)) & mask;
    for (let found = table[at]; found !== 0; found = table[at]) {
      if (found === key) return;
      at = (at + 1) & mask;
    }
    table[at] = key;
    if (++this.size * 2 > table.length) this.#grow();
  }

  /** Empties the set; one that has grown far gives its memory back. */
  clear(): void {
    this.size = 0;
    if (this.#table.length > FIRST_SIZE * 64) this.#table = new Int32Array(FIRST_SIZE);
    else this.#table.fill(0);
  }

  *[Symbol.iterator](): Generator<number> {
    for (const key of this.#table) if (key !== 0) yield key;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    this.size = 0;
    for (const key of old) if (key !== 0) this.add(key);
  }
}
