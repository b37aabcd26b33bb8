/** Whether the guard is kept from reporting how the command has ended, or only has not got to it. */
import { readFileSync } from "node:fs";

/** What /proc/PID/stat says, as far as it matters here. */
interface State {
  /** R, S, D, T, t, Z … */
  readonly letter: string;
  readonly threads: number;
}

/**
 * True: the command has ended to its last thread, and the guard is not at work. So somebody traces one of them. A command
 * that still gives back memory and files has not ended, however long it takes: the kernel drops its filter before that.
 */
export function isHeld(guard: number, command: number): boolean {
  const ending = stateOf(command);
  const isEnding = ending !== undefined && (ending.letter !== "Z" || ending.threads > 1);
  // one that waits for a processor continues when it gets one
  return !isEnding && stateOf(guard)?.letter !== "R";
}

/** Undefined: there is no such process. */
function stateOf(pid: number): State | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // its name may hold anything
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { letter: fields[0] ?? "", threads: Number(fields[17]) };
  } catch {
    return undefined;
  }
}
