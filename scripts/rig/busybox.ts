import { existsSync, readFileSync } from "node:fs";
import { RigError } from "./rig-error.ts";

const HINT = "apt-get install busybox-static";
const PT_INTERP = 3;

/** The machine's busybox, which must run where there is no C library yet. */
export function findStaticBusybox(): string {
  const path = ["/usr/bin/busybox", "/bin/busybox"].find(existsSync);
  if (!path) throw new RigError("no_busybox", "Cannot find busybox", HINT);
  if (!isStatic(readFileSync(path))) {
    throw new RigError("no_busybox", `Cannot use ${path}: it is linked dynamically`, HINT);
  }
  return path;
}

/** A 64-bit ELF file without a program header that names an interpreter. */
function isStatic(elf: Buffer): boolean {
  const tableOffset = Number(elf.readBigUInt64LE(32)); // e_phoff
  const entrySize = elf.readUInt16LE(54); // e_phentsize
  const entries = elf.readUInt16LE(56); // e_phnum
  for (let index = 0; index < entries; index++) {
    if (elf.readUInt32LE(tableOffset + index * entrySize) === PT_INTERP) return false;
  }
  return true;
}
