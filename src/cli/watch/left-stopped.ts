/** Processes that stay stopped when rules that suspend are removed: their queue goes with them, and no list has them any more. */
import { isSuspending } from "../../compiler/index.ts";
import { SuspendedQueue } from "../../engines/kernel/index.ts";
import type { CheckedRule } from "../../language/index.ts";

/** PIDs that are shown; of more there is only the number. */
const MAX_SHOWN = 20;

/** The line to print, if there is one; before the engine is closed. */
export function leftStopped(rules: readonly CheckedRule[]): string | undefined {
  const names = new Set(rules.filter(isSuspending).map(({ name }) => name));
  if (names.size === 0) return undefined;
  const queue = new SuspendedQueue();
  try {
    const mine = queue.list().filter(({ rule }) => names.has(rule));
    return describeStopped([...new Set(mine.map(({ pid }) => pid))]);
  } finally {
    queue.close();
  }
}

export function describeStopped(pids: readonly number[]): string | undefined {
  if (pids.length === 0) return undefined;
  const more = pids.length > MAX_SHOWN ? ` and ${pids.length - MAX_SHOWN} more` : "";
  const shown = `${pids.slice(0, MAX_SHOWN).join(", ")}${more}`;
  return pids.length === 1
    ? `1 process stays stopped: PID ${shown}; 'kill -CONT ${shown}' lets it continue`
    : `${pids.length} processes stay stopped: PID ${shown}; 'kill -CONT PID' lets them continue`;
}
