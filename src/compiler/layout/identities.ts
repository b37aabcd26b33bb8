/**
 * Files that rules name literally, by device and inode number as well as by name: a hard link or a bind mount of
 * a protected file is the file. User space keeps the numbers up to date in an array of (device, inode) pairs: for each
 * path some, since a file that the path named is protected for as long as it exists, wherever it was moved.
 */

/** Bytes of one pair: u64 device as the kernel counts it (major << 20 | minor), u64 inode number. */
export const IDENTITY_SIZE = 16;
/** Pairs of one path; those that are not used have device 0, which is no file's. */
export const IDENTITIES_OF_PATH = 4;

export class IdentityTable {
  readonly #paths = new Map<string, number>();

  /** Byte offset of the pairs of a path in the map; only absolute paths name a file by themselves. */
  place(path: Uint8Array): number | undefined {
    const text = Buffer.from(path).toString("latin1");
    if (!text.startsWith("/") || text.includes("\0")) return undefined;
    const known = this.#paths.get(text);
    if (known !== undefined) return known;
    const offset = this.#paths.size * IDENTITIES_OF_PATH * IDENTITY_SIZE;
    this.#paths.set(text, offset);
    return offset;
  }

  /** The paths as Latin-1 text (one character a byte), in the order of their pairs. */
  get paths(): readonly string[] {
    return [...this.#paths.keys()];
  }
}
