/** The code of the program that runs, as a part of the memory that this process holds. */
import { readFileSync } from "node:fs";
import { syscall } from "./kernel.ts";
import { NR } from "./number.ts";

const MADV_DONTNEED = 4;

/** A part of a process's memory, as /proc/PID/smaps has it (proc_pid_smaps(5)); bytes. */
export interface TextPart {
  readonly start: number;
  readonly size: number;
}

/**
 * Lets go of the pages of the program's code: those that are used again come back from the file system's cache, for some
 * microseconds each, and those that only the start needed do not.
 */
export function releaseText(): void {
  // advice: what cannot be taken stays
  for (const { start, size } of textParts(readFileSync("/proc/self/smaps", "latin1")))
    syscall(NR.madvise, start, size, MADV_DONTNEED);
}

/** Parts that are executable, of a file, and as they are in the file: whatever was written would be lost. */
export function textParts(smaps: string): readonly TextPart[] {
  return smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).flatMap((part): readonly TextPart[] => {
    const [, start = "", end = ""] = /^([0-9a-f]+)-([0-9a-f]+) r-xp .*\s\//.exec(part) ?? [];
    if (start === "" || !/^Private_Dirty: +0 kB$/m.test(part) || !/^Anonymous: +0 kB$/m.test(part))
      return [];
    const from = Number.parseInt(start, 16);
    return [{ start: from, size: Number.parseInt(end, 16) - from }];
  });
}
