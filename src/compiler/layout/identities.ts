/**
 * Files that rules name literally, by device and inode number as well as by name: a hard link or a bind mount of
 * a protected file is the file. User space keeps the numbers up to date in an array of (device, inode) pairs: for each
 * path some, since a file that the path named is protected for as long as it exists, wherever it was moved.
 *
 * Bits follow the pairs: that of the hash of each pair is set, so that rules need not be asked one by one for all other files.
 */
import { hashOf } from "./group-lists.ts";

/** Bytes of one pair: u64 device as the kernel counts it (major << 20 | minor), u64 inode number. */
export const IDENTITY_SIZE = 16;
/** Pairs of one path; those that are not used have device 0, which is no file's. */
export const IDENTITIES_OF_PATH = 4;
/** Bytes of all pairs of one path. */
export const PATH_SIZE = IDENTITIES_OF_PATH * IDENTITY_SIZE;
/** Bytes of bits for each path: one in 200 other files has the bit of a named one. */
const BITS_PER_PATH = 32;

export class IdentityTable {
  readonly #paths = new Map<string, number>();

  /** Byte offset of the pairs of a path in the map; only absolute paths name a file by themselves. */
  place(path: Uint8Array): number | undefined {
    const text = Buffer.from(path).toString("latin1");
    if (!text.startsWith("/") || text.includes("\0")) return undefined;
    const known = this.#paths.get(text);
    if (known !== undefined) return known;
    const offset = this.#paths.size * PATH_SIZE;
    this.#paths.set(text, offset);
    return offset;
  }

  /** The paths as Latin-1 text (one character a byte), in the order of their pairs. */
  get paths(): readonly string[] {
    return [...this.#paths.keys()];
  }
}

/** Of so many paths; the number of bits is a power of two. */
export function identitiesLayout(paths: number): {
  /** Bytes of the pairs, and offset of the bits. */
  readonly pairs: number;
  /** Bytes of the bits, a power of two. */
  readonly bits: number;
  readonly size: number;
} {
  const pairs = paths * PATH_SIZE;
  const bits = 2 ** Math.ceil(Math.log2(Math.max(1, paths) * BITS_PER_PATH));
  return { pairs, bits, size: pairs + bits };
}

/** Content of the map: for each path its pairs, as bytes. */
export function identitiesContent(paths: readonly (readonly Uint8Array[])[]): Uint8Array {
  const { pairs, bits, size } = identitiesLayout(paths.length);
  const content = Buffer.alloc(size);
  for (const [i, known] of paths.entries())
    for (const [j, pair] of known.slice(0, IDENTITIES_OF_PATH).entries()) {
      content.set(pair, i * PATH_SIZE + j * IDENTITY_SIZE);
      const { buffer, byteOffset } = pair;
      const view = new DataView(buffer, byteOffset, IDENTITY_SIZE);
      const hash = hashOf([view.getBigUint64(0, true), view.getBigUint64(8, true)]);
      const at = pairs + ((hash >>> 3) & (bits - 1));
      content[at] = (content[at] ?? 0) | (1 << (hash & 7));
    }
  return content;
}
