/** A file of the user gets another content, and stays what it is: owner, mode, and the file behind a link. */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { reasonOf } from "../../files/index.ts";
import { InputError } from "../errors.ts";

const MODE = 0o7777;

/** All of it or nothing. Throws InputError; the file is as before then. */
export function rewriteFile(path: string, text: string): void {
  try {
    const target = realpathSync(path);
    const found = statSync(target);
    if (!found.isFile()) throw new InputError(`'${path}' is no regular file: use standard input`);
    const beside = `${target}.${process.pid}`;
    const fd = openSync(beside, "wx", 0o600);
    try {
      writeFileSync(fd, text);
      fchownSync(fd, found.uid, found.gid);
      fchmodSync(fd, found.mode & MODE);
      fsyncSync(fd);
      renameSync(beside, target);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot write '${path}': ${reasonOf(error)}`);
  }
}
