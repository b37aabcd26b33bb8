/** Processes by the name of their program, and the threads of a process, as /proc lists them. */
import { readdirSync, readFileSync } from "node:fs";

/** Longest that the kernel keeps of a name. */
const NAME_LENGTH = 15;

/** Of all but ourselves. */
export function pidsByName(name: string): readonly number[] {
  const wanted = name.slice(0, NAME_LENGTH);
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && commandName(pid) === wanted);
}

function commandName(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
  } catch {
    return undefined;
  }
}
