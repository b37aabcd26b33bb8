/**
 * Signals while the command runs. The terminal sends SIGINT and SIGQUIT to the command as well as to us: we wait
 * how it takes them. What is sent to us alone is meant for the command.
 */
const SHARED = ["SIGINT", "SIGQUIT"] as const;
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/** `rootPid`: the command, once it runs. */
export function handleSignals(rootPid: () => number | undefined): void {
  for (const signal of SHARED) process.on(signal, () => {});
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      const pid = rootPid();
      if (pid === undefined) return;
      try {
        process.kill(pid, signal);
      } catch {
        // it has ended meanwhile
      }
    });
  }
}
