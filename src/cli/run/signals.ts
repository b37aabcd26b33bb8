/**
 * Signals while the command runs. The terminal sends SIGINT and SIGQUIT to the command as well as to us: we wait
 * how it takes them. What is sent to us alone is meant for the command. Once that has ended, and what it has left behind
 * continues, they are for us: we die of them, and all that is left with us.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { SupervisedEngine } from "../../engines/supervised/index.ts";

const SHARED = ["SIGINT", "SIGQUIT"] as const;
/** A signal that ended the command may reach us after the news of that end: both come with the same turns of the event loop. */
const LATE_MS = 50;
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

export function handleSignals(
  engine: Pick<SupervisedEngine, "rootPid" | "sinceRootEndMs">,
  dieOf: (signal: NodeJS.Signals) => void,
): void {
  const handle = (signal: NodeJS.Signals, isForwarded: boolean): void => {
    const since = engine.sinceRootEndMs;
    if (since !== undefined) {
      if (isForwarded || since > LATE_MS) dieOf(signal);
    } else if (isForwarded && engine.rootPid !== undefined && !send(engine.rootPid, signal)) {
      // it ended, and the news of that is still to come: what it leaves behind must not outlive the signal
      setTimeout(handle, LATE_MS, signal, isForwarded).unref();
    }
  };
  for (const signal of SHARED) process.on(signal, () => handle(signal, false));
  for (const signal of FORWARDED) process.on(signal, () => handle(signal, true));
}

/** Whether the process can still take it: kill(2) succeeds for a zombie too. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    if (isZombie(pid)) return false;
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** proc_pid_stat(5): the state stands behind the name in parentheses. Throws where the process is gone. */
function isZombie(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const isEnded = stat.startsWith(" Z", stat.lastIndexOf(")") + 1);
  // the first thread may end before the others
  return isEnded && readdirSync(`/proc/${pid}/task`).length === 1;
}
