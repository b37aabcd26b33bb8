/** Files that are written whole. */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { reasonOf } from "../files/index.ts";
import { InputError } from "./errors.ts";

const MODE = 0o7777;

/**
 * Writes all of the file or nothing of it. One that is there keeps its owner and its mode, and is the one behind a link; what is no
 * regular file is written to. Throws InputError, with the file as it was.
 */
export function writeWhole(path: string, text: string): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) replace(path, text, undefined);
    else if (found.isFile()) replace(realpathSync(path), text, found);
    else writeFileSync(path, text);
  } catch (error) {
    throw new InputError(`cannot write '${path}': ${reasonOf(error)}`);
  }
}

function replace(target: string, text: string, before: Stats | undefined): void {
  const beside = `${target}.${process.pid}`;
  const fd = openSync(beside, "wx");
  try {
    if (before !== undefined) {
      fchownSync(fd, before.uid, before.gid);
      fchmodSync(fd, before.mode & MODE);
    }
    writeFileSync(fd, text);
    fsyncSync(fd);
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
