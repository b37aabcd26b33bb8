/** Reading that never waits: who puts a pipe or a device where a file should be must not stop a service. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** In the place of an error of the file system. */
class NotRegularError extends Error {
  readonly code = "not_regular";

  constructor() {
    super("it is no regular file");
  }
}

/** The bytes of a regular file, links to it included. Throws what reading throws, and where it is something else. */
export function readRegular(path: string): Buffer {
  // without the flag a pipe that nobody writes to waits here
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() && !stat.isDirectory()) throw new NotRegularError();
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
