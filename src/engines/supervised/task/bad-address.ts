/** Memory that the kernel cannot read either: a call that gets such an address ends with EFAULT, whatever a rule decides. */
import { PAGE_SIZE } from "../../../base/linux-abi.ts";
import type { ProcessMemory } from "../../../sys/index.ts";
import type { ProcFiles } from "./proc-files.ts";

/**
 * Whether text of up to `limit` bytes reaches where nothing is mapped that may be accessed. False where that is not certain: we
 * may not look, or cannot read what is mapped (a page that somebody else fills on demand).
 */
export function isBadText(
  { memory, files }: { memory: ProcessMemory; files: ProcFiles },
  tid: number,
  address: number,
  limit: number,
): boolean {
  let at = address;
  while (memory.read(tid, at, 1) !== undefined) {
    at += PAGE_SIZE - (at % PAGE_SIZE);
    if (at - address > limit) return false;
  }
  const fd = files.open(`/proc/${tid}/maps`);
  if (fd < 0) return false;
  try {
    const maps = files.readAll(fd);
    return maps !== undefined && !isAccessible(maps, at);
  } finally {
    files.close(fd);
  }
}

/** `START-END PERMISSIONS …` in hexadecimal digits, one mapping a line. */
function isAccessible(maps: string, address: number): boolean {
  for (const [, start = "", end = "", rights = ""] of maps.matchAll(/^(\w+)-(\w+) (\S+)/gm)) {
    if (address < Number.parseInt(start, 16) || address >= Number.parseInt(end, 16)) continue;
    return !rights.startsWith("---");
  }
  return false;
}
