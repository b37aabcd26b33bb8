/** Processes that stop or end because of a rule. */
import type { ChildProcess } from "node:child_process";
import { stateOf, waitFor } from "./guest.ts";

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

export function ended(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
}

export async function stopped(child: ChildProcess): Promise<void> {
  const pid = child.pid as number;
  await waitFor(
    () => stateOf(pid) === "T",
    () => `state ${stateOf(pid)}`,
  );
}
