/**
 * Says of the records of a batch, asked from the first to the last, whether one of some paths can be in them: most
 * records need not be looked into then. A byte search over the whole batch is many times faster than that.
 */
export class PathFinder {
  readonly #bytes: Buffer;
  readonly #paths: readonly Uint8Array[];
  /** Where each path is found next; -1: nowhere any more. */
  readonly #next: number[];

  /** Without paths every record may be meant. */
  constructor(bytes: Uint8Array, paths: readonly Uint8Array[]) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#paths = paths;
    this.#next = paths.map((path) => this.#bytes.indexOf(path));
  }

  /** Of the record in these bytes of the batch; offsets must not fall from call to call. */
  mayBeIn(offset: number, length: number): boolean {
    if (this.#paths.length === 0) return true;
    let found = false;
    for (const [i, path] of this.#paths.entries()) {
      let next = this.#next[i] as number;
      if (next >= 0 && next < offset) {
        next = this.#bytes.indexOf(path, offset);
        this.#next[i] = next;
      }
      if (next >= 0 && next + path.length <= offset + length) found = true;
    }
    return found;
  }
}
