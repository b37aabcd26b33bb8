/** Whether a process is on its way out, which it is for a while after it was killed. */
import { readFileSync } from "node:fs";

/** SIGKILL in the masks of /proc/PID/status (proc(5)). */
const SIGKILL_BIT = 1n << 8n;
/** include/linux/sched.h; field 9 of /proc/PID/stat. */
const PF_EXITING = 4;

/** True as well if there is no such process. */
export function isEnding(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state = "", , , , , , flags = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X" || (Number(flags) & PF_EXITING) !== 0) return true;
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const pending = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm)];
    return pending.some(([, mask]) => (BigInt(`0x${mask}`) & SIGKILL_BIT) !== 0n);
  } catch {
    return true;
  }
}
