import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { CpioEntry } from "./cpio.ts";

/**
 * The host's /etc, for a file system of its own in the guest. On the overlay a file gets another inode
 * number with its first change or hard link, so rules about /etc/passwd would meet what real machines lack.
 * What we may not read (as another user than root) is left out.
 */
export function readEtc(root = "/etc"): CpioEntry[] {
  const entries: CpioEntry[] = [];
  const visit = (folder: string) => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = join(folder, name);
      const entry = readable(() => readEntry(root, path));
      if (!entry) continue;
      entries.push(entry);
      if (entry.kind === "directory") readable(() => visit(path));
    }
  };
  visit("");
  return entries;
}

function readEntry(root: string, name: string): CpioEntry | undefined {
  const path = join(root, name);
  const stat = lstatSync(path);
  const common = { name, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
  if (stat.isDirectory()) return { ...common, kind: "directory" };
  if (stat.isSymbolicLink()) return { ...common, kind: "symlink", target: readlinkSync(path) };
  if (stat.isFile()) return { ...common, kind: "file", data: readFileSync(path) };
  return undefined;
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return undefined;
    throw error;
  }
}
