/** Lists of rows, chosen by the hash of what rows compare where that is anything. */

/** For each row the numbers that it compares. */
export type RowWords = readonly (readonly bigint[])[];

/** As many rows as this are looked at one by one. */
const FEW = 4;
/** 2^64 divided by the golden ratio, odd. */
export const HASH_FACTOR = 0x9e37_79b9_7f4a_7c15n;
/** The upper bits are those that all lower ones reach. */
export const HASH_SHIFT = 32;

/** Of 32 bits. */
export function hashOf(words: readonly bigint[]): number {
  let hash = 0n;
  for (const word of words) hash = BigInt.asUintN(64, (hash ^ word) * HASH_FACTOR);
  return Number(hash >> BigInt(HASH_SHIFT));
}

/** Writes lists one behind the other from a place on. */
export class ListWriter {
  readonly #at: number;
  readonly #hashes: readonly number[] | undefined;
  readonly #words: number[] = [];

  constructor(at: number, words: RowWords) {
    this.#at = at;
    this.#hashes = (words[0]?.length ?? 0) === 0 ? undefined : words.map(hashOf);
  }

  /** Place of what leads to these rows. */
  add(rows: readonly number[]): number {
    if (this.#hashes === undefined) return this.#list(rows);
    const count = rows.length <= FEW ? 1 : 2 ** Math.ceil(Math.log2(rows.length));
    const chosen: number[][] = Array.from({ length: count }, () => []);
    for (const row of rows) chosen[((this.#hashes[row] ?? 0) & (count - 1)) >>> 0]?.push(row);
    const places = chosen.map((list) => (list.length === 0 ? 0 : this.#list(list)));
    const place = this.#place();
    this.#words.push(count - 1, ...places);
    return place;
  }

  bytes(): Uint8Array {
    return new Uint8Array(Uint32Array.from(this.#words).buffer);
  }

  #place(): number {
    return this.#at + this.#words.length * 4;
  }

  #list(rows: readonly number[]): number {
    const place = this.#place();
    for (const row of rows) this.#words.push(row + 1);
    this.#words.push(0);
    return place;
  }
}
