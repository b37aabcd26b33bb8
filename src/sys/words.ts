/**
 * Words that another thread or process writes while we read. Each is read by one load. A DataView reads byte by byte
 * until its code is compiled: half of what it gives may be from before a store, and half from behind it.
 */
export class Words {
  readonly #narrow: Int32Array;
  readonly #wide: BigInt64Array;

  /** Of memory that begins at a multiple of 8 and is whole words. */
  constructor({ buffer, byteOffset, byteLength }: ArrayBufferView) {
    this.#narrow = new Int32Array(buffer, byteOffset, byteLength >> 2);
    this.#wide = new BigInt64Array(buffer, byteOffset, byteLength >> 3);
  }

  /** `offset` in bytes, a multiple of 4. */
  int32(offset: number): number {
    return Atomics.load(this.#narrow, offset >> 2);
  }

  /** `offset` in bytes, a multiple of 8. */
  int64(offset: number): bigint {
    return Atomics.load(this.#wide, offset >> 3);
  }
}
