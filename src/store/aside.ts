/** Moves a damaged file, such as a history, out of the way: it may still be wanted, but never stands in the way of a new one. */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** SQLite's companions of a database file. */
const SUFFIXES = ["", "-wal", "-shm"];
const WORD = ".damaged-";
/** More would fill the disk of a machine whose disk fails again and again. */
const KEPT = 2;

/** Renames `file` and its companions after the date; returns the new name of the file. */
export function moveAside(file: string, date = new Date()): string {
  const stamp = date.toISOString().replaceAll(":", "-");
  const target = `${file}${WORD}${stamp}`;
  for (const suffix of SUFFIXES)
    if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
  for (const old of damagedFiles(file).slice(0, -KEPT))
    for (const suffix of SUFFIXES) rmSync(old + suffix, { force: true });
  return target;
}

/** Oldest first. */
function damagedFiles(file: string): readonly string[] {
  const directory = dirname(file);
  const start = basename(file) + WORD;
  return readdirSync(directory)
    .filter((name) => name.startsWith(start) && name.endsWith("Z"))
    .toSorted()
    .map((name) => join(directory, name));
}
