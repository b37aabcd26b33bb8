/** Compression of what history keeps: zstd at its fastest level, with a checksum so that damage is noticed. */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DamageError } from "../../events/index.ts";

const params = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_checksumFlag]: 1,
};
/** Output is collected in pieces of this size: one is enough for a batch, and takes memory only where it is written. */
const PIECE_BYTES = 1 << 20;
/** No batch and no rule set is larger; a damaged length must not take all memory. */
const MAX_BYTES = 256 << 20;

export function compress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params, chunkSize: PIECE_BYTES });
}

/** Throws DamageError. */
export function decompress(bytes: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: MAX_BYTES, chunkSize: 1 << 20 });
  } catch (error) {
    // zlib has many codes for it, and nothing else can go wrong with memory as input
    throw new DamageError("Cannot decompress a batch", { cause: error });
  }
}
