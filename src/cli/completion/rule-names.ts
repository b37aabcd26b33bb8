/** `sct completion --rules`: what completes the name of a loaded rule, a line each. */
import { ask } from "../../daemon/client.ts";
import type { Arguments } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { findInstance } from "../service/instance.ts";

/** Throws what asking the service throws; completion scripts offer nothing then. */
export async function printRuleNames(args: Arguments): Promise<ExitCode> {
  const answer = await ask(findInstance(args), "status", {});
  if (!answer.ok) return ExitCode.machine;
  // a name with a control character cannot be a line, and nobody types it
  const names = answer.rules.map(({ name }) => name).filter((name) => !/\p{Cc}/u.test(name));
  for (const name of names) process.stdout.write(`${name}\n`);
  return ExitCode.good;
}
