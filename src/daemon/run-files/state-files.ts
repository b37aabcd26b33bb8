/** Files of the state directory: written whole or not at all, and durable before anybody is notified. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { readRegular } from "../../files/index.ts";

/** A file that is on disk under a name of its own until it is committed. */
export interface PreparedFile {
  /** It takes the place of the old one; durable when this resolves. */
  commit(): Promise<void>;
  discard(): void;
}

/** Writes a new version beside the file; the event loop does not wait for the disk. Throws where the directory cannot be written. */
export async function prepareFile(path: string, text: string): Promise<PreparedFile> {
  const temporary = makePlace(path);
  const discard = (): void => rmSync(temporary, { force: true });
  try {
    await using file = await open(temporary, "w", 0o600);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    discard();
    throw error;
  }
  const commit = async (): Promise<void> => {
    await rename(temporary, path);
    await using directory = await open(dirname(path), "r");
    await directory.sync();
  };
  return { commit, discard };
}

/** The same for callers that cannot wait: durable when it returns. */
export function replaceFile(path: string, text: string): void {
  const temporary = makePlace(path);
  try {
    writeDurably(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

/** Name of the next version of a file whose directory is there then. */
function makePlace(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return `${path}.new`;
}

function writeDurably(path: string, text: string): void {
  const fd = openSync(path, "w", 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Durable when it returns; a file that is gone, with its directory or without, is no failure. */
export function removeFile(path: string): void {
  if (!existsSync(path)) return;
  rmSync(path, { force: true });
  syncDirectory(dirname(path));
}

/** Rules in force are written in full: what is included, and a name for each. */
const MAX_STATE_BYTES = 64 * 1024 * 1024;

/** Undefined: there is no such file. Throws what reading throws else. */
export function readState(path: string): string | undefined {
  try {
    return readRegular(path, MAX_STATE_BYTES).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
