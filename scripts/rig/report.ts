import type { GuestResult } from "./boot.ts";

/** Says on standard error what the command itself could not say; the exit status to give back. */
export function reportResult(result: GuestResult): number {
  for (const line of result.warnings) process.stderr.write(`vm: kernel warning: ${line}\n`);
  if (result.outcome === "exited") return result.status;
  process.stderr.write(`vm: ${result.message}\nvm: the end of the guest's console:\n`);
  process.stderr.write(`${result.tail}\n`);
  return result.outcome === "timeout" ? 124 : 125;
}
