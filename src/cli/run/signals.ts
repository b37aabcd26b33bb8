/**
 * Signals while the command runs. The terminal sends SIGINT and SIGQUIT to the command as well as to us: we wait
 * how it takes them. What is sent to us alone is meant for the command. Once that has ended, and what it has left behind
 * continues, they are for us: we die of them, and all that is left with us.
 */
import type { SupervisedEngine } from "../../engines/supervised/index.ts";

const SHARED = ["SIGINT", "SIGQUIT"] as const;
/** A signal that ended the command may reach us after the news of that end: both come with the same turns of the event loop. */
const LATE_MS = 50;
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

export function handleSignals(
  engine: Pick<SupervisedEngine, "rootPid" | "sinceRootEndMs">,
  dieOf: (signal: NodeJS.Signals) => void,
): void {
  for (const signal of [...SHARED, ...FORWARDED]) {
    const isForwarded = FORWARDED.some((one) => one === signal);
    process.on(signal, () => {
      const since = engine.sinceRootEndMs;
      if (since !== undefined) {
        if (isForwarded || since > LATE_MS) dieOf(signal);
      } else if (isForwarded && engine.rootPid !== undefined) send(engine.rootPid, signal);
    });
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended meanwhile
  }
}
