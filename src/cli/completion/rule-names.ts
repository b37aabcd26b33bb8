/** `sct completion --rules`: what completes the name of a loaded rule, a line each. */
import { INVISIBLE } from "../../base/invisible.ts";
import { ask } from "../../daemon/socket/client.ts";
import type { CommandArguments } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { findInstance } from "../service/instance.ts";

/** Throws what asking the service throws; completion scripts offer nothing then. */
export async function printRuleNames(args: CommandArguments): Promise<ExitCode> {
  const answer = await ask(findInstance(args), "status", { counts: false });
  if (!answer.ok) return ExitCode.machine;
  // a name with such a character cannot be a line, or nobody types it
  const names = answer.rules.map(({ name }) => name).filter((name) => name.search(INVISIBLE) < 0);
  for (const name of names) process.stdout.write(`${name}\n`);
  return ExitCode.good;
}
