/** Files that are written whole. */
import { renameSync, writeFileSync } from "node:fs";
import { reasonOf } from "../files/index.ts";
import { InputError } from "./errors.ts";

/** Writes all of the file or nothing of it. Throws InputError. */
export function writeWhole(path: string, text: string): void {
  const beside = `${path}.${process.pid}`;
  try {
    writeFileSync(beside, text, { flag: "wx" });
    renameSync(beside, path);
  } catch (error) {
    throw new InputError(`cannot write '${path}': ${reasonOf(error)}`);
  }
}
