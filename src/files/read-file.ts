/** Files that a user named: they may be anything, a device without an end as well. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** A file that is not what it has to be. Stands beside the errors of the file system. */
class UnfitFileError extends Error {
  readonly code: "not_regular" | "too_large";

  constructor(code: "not_regular" | "too_large", message: string) {
    super(message);
    this.code = code;
  }
}

/** `4 MiB`, as messages say it. */
export function mebibytes(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}

/**
 * The bytes of a regular file of at most `limit` bytes, links to it included. Never waits: a pipe or a device where a
 * file should be must not stop a service. Throws what reading throws, and where it is something else.
 */
export function readRegular(path: string, limit: number): Buffer {
  // without the flag a pipe that nobody writes to waits here
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() && !stat.isDirectory())
      throw new UnfitFileError("not_regular", "it is no regular file");
    return readUpTo(fd, limit);
  } finally {
    closeSync(fd);
  }
}

/** A configuration, a certificate, a key: nobody writes a larger one. */
export function readSmallFile(path: string): Buffer {
  return readRegular(path, MAX_SMALL_BYTES);
}

/** The bytes of anything that can be read to its end, such as a pipe of a shell, of at most `limit` bytes. */
export function readBounded(path: string, limit: number): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOCTTY);
  try {
    return readUpTo(fd, limit);
  } finally {
    closeSync(fd);
  }
}

const MAX_SMALL_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** All that a descriptor gives from its place to its end, at most `limit` bytes. */
export function readUpTo(fd: number, limit: number): Buffer {
  const chunks: Buffer[] = [];
  for (let total = 0; ; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, limit + 1 - total));
    const count = readSync(fd, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (total > limit)
      throw new UnfitFileError("too_large", `it is larger than ${mebibytes(limit)}`);
  }
}
